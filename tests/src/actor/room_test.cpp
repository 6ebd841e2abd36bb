// Bounded mailboxes across two tenants of one slot: who comes late to the first takes nothing from the second.
#include "actor/room.hpp"

#include <gtest/gtest.h>
#include <spawned.h>

#include "actor/activation.hpp"
#include "actor/block.hpp"
#include "actor/process.hpp"
#include "runtime/runtime.hpp"

namespace spawned::engine {
namespace {

const spawned_message_type number = SPAWNED_MESSAGE_TYPE("room_test.number", uint64_t);
const spawned_message_type start_bounded =
    SPAWNED_REQUEST_TYPE("room_test.start", spawned_overflow, &number);

// Starts an actor that is bounded to one message. On the engine's own thread, where actors end as well, so
// that the next one gets the slot of the last one that ended.
spawned_status on_start(spawned_context* context, void*, void* value) {
    static const spawned_behavior bare = {sizeof bare, "bare",  0,       0,       0,
                                          0,           nullptr, nullptr, nullptr, nullptr,
                                          nullptr,     nullptr, nullptr};
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    options.overflow = *static_cast<spawned_overflow*>(value);
    spawned_pid pid = 0;
    const spawned_status status =
        spawned_actor_start(spawned_context_runtime(context), &bare, &options, &pid);
    return status == SPAWNED_OK ? spawned_reply(context, &pid) : status;
}

const spawned_handler starting[] = {{&start_bounded, on_start}};

class Room : public testing::Test {
protected:
    void SetUp() override {
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
        options.workers = 1;
        ASSERT_EQ(spawned_runtime_create(&options, &runtime_), SPAWNED_OK);
        home_ = reinterpret_cast<core*>(runtime_);
        self_ = current_thread(*home_);
        static const spawned_behavior starter = {
            sizeof starter, "starter", 0,       0,       0,       1,      starting,
            nullptr,        nullptr,   nullptr, nullptr, nullptr, nullptr};
        ASSERT_EQ(spawned_actor_start(runtime_, &starter, nullptr, &starter_), SPAWNED_OK);
    }
    void TearDown() override { EXPECT_EQ(spawned_runtime_destroy(runtime_), SPAWNED_OK); }

    // Nobody runs unless asked, so what is sent waits.
    spawned_pid start(spawned_overflow overflow) {
        spawned_pid pid = 0;
        EXPECT_EQ(spawned_request(starter_, &start_bounded, &overflow, SPAWNED_DEFAULT, &pid),
                  SPAWNED_OK);
        return pid;
    }
    void end(spawned_pid pid) {
        EXPECT_EQ(spawned_actor_kill(pid), SPAWNED_OK);
        EXPECT_EQ(spawned_actor_join(pid, SPAWNED_FOREVER), SPAWNED_OK);
    }
    message& make(spawned_pid to) {
        message* m = new_message(*self_, *home_, to, &number, sizeof(uint64_t));
        EXPECT_NE(m, nullptr);
        m->set(message_constructed);
        return *m;
    }
    uint64_t overflowed() {
        spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
        EXPECT_EQ(spawned_runtime_stats_get(runtime_, &stats), SPAWNED_OK);
        return stats.dead_overflow;
    }
    // Two tenants of one slot, the first one ended.
    void two_tenants(spawned_overflow overflow) {
        first_ = start(overflow);
        slot_ = slot_at(*home_, slot_of(first_));
    }
    void move_in(spawned_overflow overflow) {
        end(first_);
        second_ = start(overflow);
        ASSERT_EQ(slot_of(first_), slot_of(second_));
    }

    spawned_runtime* runtime_ = nullptr;
    core* home_ = nullptr;
    thread* self_ = nullptr;
    spawned_pid starter_ = 0;
    actor* slot_ = nullptr;
    spawned_pid first_ = 0, second_ = 0;
};

TEST_F(Room, SenderLateToAFormerTenantGetsNoPlaceWithTheNext) {
    two_tenants(SPAWNED_OVERFLOW_REJECT);
    message& late = make(first_);
    move_in(SPAWNED_OVERFLOW_REJECT);
    EXPECT_EQ(admit(*slot_, late), admission::gone);
    free_message(*home_, late);
    message& timely = make(second_);
    EXPECT_EQ(admit(*slot_, timely), admission::taken);
    deliver(*self_, *home_, *slot_, timely);
}

TEST_F(Room, MessageThatComesAfterItsTargetsEndTakesNoRoomFromTheNextTenant) {
    two_tenants(SPAWNED_OVERFLOW_REJECT);
    message& late = make(first_);
    ASSERT_EQ(admit(*slot_, late), admission::taken);
    move_in(SPAWNED_OVERFLOW_REJECT);
    deliver(*self_, *home_, *slot_, late);
    const uint64_t value = 1;
    EXPECT_EQ(spawned_send(second_, &number, &value), SPAWNED_OK);
    EXPECT_EQ(spawned_send(second_, &number, &value), SPAWNED_EFULL);
    EXPECT_EQ(spawned_deterministic_run(runtime_, 100, nullptr), SPAWNED_OK);
    EXPECT_EQ(spawned_send(second_, &number, &value), SPAWNED_OK);
    EXPECT_EQ(spawned_send(second_, &number, &value), SPAWNED_EFULL);
}

TEST_F(Room, SenderThatDropsTheOldestOfAFormerTenantDropsNothingOfTheNext) {
    two_tenants(SPAWNED_OVERFLOW_DROP_OLDEST);
    const uint64_t value = 1;
    message& late = make(first_);
    ASSERT_EQ(spawned_send(first_, &number, &value), SPAWNED_OK);
    ASSERT_EQ(admit(*slot_, late), admission::replaces);
    move_in(SPAWNED_OVERFLOW_DROP_OLDEST);
    ASSERT_EQ(spawned_send(second_, &number, &value), SPAWNED_OK);
    deliver(*self_, *home_, *slot_, late);
    drop_oldest(*self_, *home_, *slot_, first_);
    EXPECT_EQ(overflowed(), 0u);
    // The next one drops its own oldest message, not the stranger.
    ASSERT_EQ(spawned_send(second_, &number, &value), SPAWNED_OK);
    EXPECT_EQ(overflowed(), 1u);
}

}  // namespace
}  // namespace spawned::engine
