// Wait edges when answers come late: the edge of another wait stays, be it for the same actor.
#include <gtest/gtest.h>

#include <spawned.h>

#include "actor/block.hpp"
#include "actor/reply.hpp"
#include "actor/send.hpp"

namespace spawned::engine {
namespace {

const spawned_message_type answer = SPAWNED_MESSAGE_TYPE("wait_edge_test.answer", uint64_t);
const spawned_message_type question =
    SPAWNED_REQUEST_TYPE("wait_edge_test.question", uint64_t, &answer);
const spawned_behavior bare = {sizeof bare, "bare",  0,       0,       0,       0,      nullptr,
                               nullptr,     nullptr, nullptr, nullptr, nullptr, nullptr};

class WaitEdge : public testing::Test {
protected:
    void SetUp() override {
        spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
        options.flags = SPAWNED_RUNTIME_DETERMINISTIC;
        ASSERT_EQ(spawned_runtime_create(&options, &runtime_), SPAWNED_OK);
        home_ = reinterpret_cast<core*>(runtime_);
        for (spawned_pid* pid : {&asker_, &callee_, &other_})
            ASSERT_EQ(spawned_actor_start(runtime_, &bare, nullptr, pid), SPAWNED_OK);
        edge_ = auxiliary_of(*home_, *actor_of(*home_, asker_));
        ASSERT_NE(edge_, nullptr);
    }
    void TearDown() override {
        clear_wait_edge(*edge_);
        EXPECT_EQ(spawned_runtime_destroy(runtime_), SPAWNED_OK);
    }

    message& ask(spawned_pid to) {
        thread* self = current_thread(*home_);
        message* m = new_message(*self, *home_, to, &question, sizeof(uint64_t));
        EXPECT_NE(m, nullptr);
        m = make_request(*home_, *m, SPAWNED_FOREVER);
        set_wait_edge(*edge_, *m, *actor_of(*home_, asker_));
        return *m;
    }
    void end(message& m) {
        if (outcome_of(m) == outcome::pending)
            resolve_with(*home_, m, SPAWNED_ENOREPLY, nullptr, holds::the_message);
        leave(*home_, m);
        release(*home_, m);
    }
    spawned_pid waits_for() { return id_of_edge(edge_->waits_for.load_seq_cst(), home_->index); }

    spawned_runtime* runtime_ = nullptr;
    core* home_ = nullptr;
    auxiliary* edge_ = nullptr;
    spawned_pid asker_ = 0, callee_ = 0, other_ = 0;
};

TEST_F(WaitEdge, FollowsTheDutyToAnswer) {
    message& m = ask(callee_);
    EXPECT_EQ(waits_for(), callee_);
    move_holder(*home_, m, other_);
    EXPECT_EQ(waits_for(), other_);
    move_holder(*home_, m, 0);
    EXPECT_EQ(waits_for(), 0u);
    end(m);
}

// The answering side has seen that the first request is wanted, and is overtaken by its asker.
TEST_F(WaitEdge, AnswerOfAnEarlierRequestToTheSameActorLeavesItAlone) {
    message& first = ask(callee_);
    ASSERT_TRUE(give_up(*home_, first, SPAWNED_ETIMEDOUT, nullptr));
    clear_wait_edge(*edge_);
    message& second = ask(callee_);
    move_holder(*home_, first, 0);
    EXPECT_EQ(waits_for(), callee_);
    move_holder(*home_, first, other_);
    EXPECT_EQ(waits_for(), callee_);
    move_holder(*home_, second, 0);
    EXPECT_EQ(waits_for(), 0u);
    leave(*home_, first);
    resolve_with(*home_, first, SPAWNED_ENOREPLY, nullptr, holds::a_handle);
    release(*home_, first);
    end(second);
}

// The asker has not yet looked whether the duty has moved on while it wrote the edge.
TEST_F(WaitEdge, ThatIsUnsureClosesNoCircleAndFollowsTheDutyAllTheSame) {
    message& m = ask(callee_);
    const actor& callee = *actor_of(*home_, callee_);
    EXPECT_TRUE(closes_circle(*home_, callee, asker_, nullptr, 0));
    edge_->waits_for.store_seq_cst(edge_->waits_for.load_seq_cst() | edge_is_unsure);
    EXPECT_EQ(waits_for(), callee_);
    EXPECT_FALSE(closes_circle(*home_, callee, asker_, nullptr, 0));
    move_holder(*home_, m, 0);
    EXPECT_EQ(waits_for(), 0u);
    end(m);
}

// Who has found a circle looks whether it still waits itself.
TEST_F(WaitEdge, OfAnAnsweredRequestIsNoReasonToGiveItUp) {
    message& m = ask(callee_);
    actor& callee = *actor_of(*home_, callee_);
    auxiliary* of_callee = auxiliary_of(*home_, callee);
    ASSERT_NE(of_callee, nullptr);
    char names[64];
    move_holder(*home_, m, 0);
    of_callee->waits_for.store_seq_cst(edge_to(asker_, 1));
    EXPECT_FALSE(
        must_not_wait(*home_, *actor_of(*home_, asker_), *edge_, callee_, names, sizeof names));
    clear_wait_edge(*of_callee);
    end(m);
}

TEST_F(WaitEdge, SetAgainForTheSameRequestStillFollowsIt) {
    message& m = ask(callee_);
    clear_wait_edge(*edge_);
    set_wait_edge(*edge_, m, *actor_of(*home_, asker_));
    EXPECT_EQ(waits_for(), callee_);
    move_holder(*home_, m, 0);
    EXPECT_EQ(waits_for(), 0u);
    end(m);
}

}  // namespace
}  // namespace spawned::engine
