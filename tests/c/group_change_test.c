/* Who is told of who joins a group and leaves it: everybody's JOINED once and LEFT once, in order. */
#include "support/contract.h"
#include "support/onlooker.h"

#define Z SPAWNED_ZERO_TERMINATED

enum { CROWD = 4 };

/* An onlooker of "lobby", and actors to come and go. */
typedef struct scene {
    onlooker *own;
    spawned_pid watching;
    spawned_pid pids[CROWD];
} scene;

static scene scene_begin(harness *h, const spawned_actor_options *options) {
    scene one = {.own = onlooker_new(h)};
    one.watching = onlooker_start(one.own, options);
    for (size_t i = 0; i < CROWD; i++) one.pids[i] = script_start(h);
    return one;
}

static const char *story_of(harness *h, scene *one) {
    return harness_settle(h) ? onlooker_story(one->own, one->pids, CROWD) : "unsettled";
}

static spawned_status subscribe(const scene *one, uint64_t tag, spawned_event *out_event) {
    return spawned_group_subscribe("lobby", Z, one->watching, &onlooker_changed_type, tag,
                                   out_event);
}

static void end(spawned_pid pid) {
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* RG08 */
static void changes_are_told_in_order_and_once(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    spawned_event event = 0;
    assert_ok(subscribe(&one, 7, &event));
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_ok(spawned_group_join("lobby", Z, one.pids[1]));
    assert_ok(spawned_group_join("elsewhere", Z, one.pids[3]));
    assert_ok(spawned_group_leave("lobby", Z, one.pids[0]));
    assert_ok(spawned_group_join("lobby", Z, one.pids[2]));
    end(one.pids[1]);
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_string_equal(story_of(h, &one), "+a1 +b2 -a1 +c2 -b1 +a2");
    for (size_t i = 0; i < onlooker_count(one.own); i++) {
        assert_true(onlooker_change(one.own, i).subscription == event);
        assert_int_equal(onlooker_change(one.own, i).tag, 7);
    }
}

static void who_subscribes_is_told_of_who_is_in(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_ok(spawned_group_join("lobby", Z, one.pids[1]));
    assert_ok(spawned_group_join("lobby", Z, one.pids[1]));
    assert_ok(spawned_group_join("lobby", Z, one.pids[2]));
    assert_ok(spawned_group_leave("lobby", Z, one.pids[0]));
    assert_ok(subscribe(&one, 1, NULL));
    assert_ok(spawned_group_leave("lobby", Z, one.pids[2]));
    end(one.pids[1]);
    const char *story = story_of(h, &one);
    if (strcmp(story, "+b1 +c2 -c1 -b0") != 0) assert_string_equal(story, "+c1 +b2 -c1 -b0");
}

static void several_subscriptions_of_one_actor_are_told_each(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    spawned_event first = 0, second = 0;
    assert_ok(subscribe(&one, 1, &first));
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_ok(subscribe(&one, 2, &second));
    assert_true(first != second);
    assert_ok(spawned_group_leave("lobby", Z, one.pids[0]));
    assert_string_equal(story_of(h, &one), "+a1 +a1 -a0 -a0");
    size_t inside;
    assert_null(onlooker_fault(one.own, first, &inside));
    assert_null(onlooker_fault(one.own, second, &inside));
}

static void cancelled_subscription_tells_no_more(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    spawned_event event = 0;
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_ok(subscribe(&one, 1, &event));
    assert_ok(spawned_group_join("lobby", Z, one.pids[1]));
    assert_ok(spawned_event_cancel(event));
    assert_ok(spawned_group_join("lobby", Z, one.pids[2]));
    end(one.pids[0]);
    assert_string_equal(story_of(h, &one), "+a1 +b2");
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

static void subscriber_that_ends_is_forgotten(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL), other = scene_begin(h, NULL);
    spawned_event event = 0;
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_ok(subscribe(&one, 1, &event));
    assert_ok(subscribe(&other, 1, NULL));
    end(one.watching);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
    assert_ok(spawned_group_join("lobby", Z, one.pids[1]));
    end(one.pids[0]);
    assert_true(harness_settle(h));
    assert_string_equal(onlooker_story(other.own, one.pids, CROWD), "+a1 +b2 -a1");
}

/* A subscriber that is a member is told of itself, but not of its own end. */
static void member_may_look_on(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL), other = scene_begin(h, NULL);
    one.pids[3] = one.watching;
    assert_ok(subscribe(&one, 1, NULL));
    assert_ok(subscribe(&other, 1, NULL));
    assert_ok(spawned_group_join("lobby", Z, one.watching));
    assert_string_equal(story_of(h, &one), "+d1");
    end(one.watching);
    assert_true(harness_settle(h));
    assert_string_equal(onlooker_story(other.own, one.pids, CROWD), "+d1 -d0");
}

/* What it said last, its LEFT, its end. */
static spawned_status say_and_fail(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    (void)harness_send_number(*(spawned_pid *)argument, 5);
    return SPAWNED_EFAILED;
}

static void left_stands_between_the_last_message_and_the_end(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    assert_ok(subscribe(&one, 1, NULL));
    assert_ok(spawned_group_join("lobby", Z, one.pids[0]));
    assert_ok(spawned_monitor(one.pids[0], one.watching, &onlooker_ended_type, 1, NULL));
    assert_ok(script_tell(one.pids[0], say_and_fail, &one.watching));
    assert_ok(spawned_actor_join(one.pids[0], HARNESS_LONG));
    assert_string_equal(story_of(h, &one), "+a1 5 -a0 Ea");
}

static void changes_find_room_in_a_full_mailbox(void **state) {
    harness *h = *state;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    scene one = scene_begin(h, &options);
    script_hold hold;
    if (!harness_is_alone(h)) assert_ok(script_hold_begin(&hold, h, one.watching));
    assert_ok(harness_send_number(one.watching, 1));
    assert_status(harness_send_number(one.watching, 2), SPAWNED_EFULL);
    assert_ok(subscribe(&one, 1, NULL));
    for (size_t i = 0; i < CROWD; i++) assert_ok(spawned_group_join("lobby", Z, one.pids[i]));
    if (!harness_is_alone(h)) assert_ok(script_hold_end(&hold));
    assert_true(onlooker_wait(one.own, CROWD));
    assert_string_equal(story_of(h, &one), "1 +a1 +b2 +c3 +d4");
    if (!harness_is_alone(h)) script_hold_release(&hold);
}

static spawned_status come_and_go(spawned_context *context, void *state, void *argument) {
    (void)state;
    spawned_status *seen = argument;
    const spawned_pid self = spawned_context_self(context);
    seen[0] = spawned_group_join("lobby", Z, self);
    seen[1] = spawned_group_join("lobby", Z, self);
    seen[2] = spawned_group_leave("lobby", Z, self);
    seen[3] = spawned_group_leave("lobby", Z, self);
    return SPAWNED_OK;
}

static void handlers_join_and_leave(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    spawned_status seen[4] = {1, 1, 1, 1};
    assert_ok(subscribe(&one, 1, NULL));
    assert_ok(script_run(one.pids[0], come_and_go, seen));
    for (size_t i = 0; i < 4; i++) assert_ok(seen[i]);
    assert_string_equal(story_of(h, &one), "+a1 -a0");
}

static void shutdown_tells_nobody_of_what_it_ends_twice(void **state) {
    harness *h = *state;
    scene one = scene_begin(h, NULL);
    spawned_event event = 0;
    assert_ok(subscribe(&one, 1, &event));
    for (size_t i = 0; i < CROWD; i++) assert_ok(spawned_group_join("lobby", Z, one.pids[i]));
    assert_int_equal(harness_end_runtime(h), 0);
    size_t inside;
    assert_null(onlooker_fault(one.own, event, &inside));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(changes_are_told_in_order_and_once),
        HARNESS_TEST(who_subscribes_is_told_of_who_is_in),
        HARNESS_TEST(several_subscriptions_of_one_actor_are_told_each),
        HARNESS_TEST(cancelled_subscription_tells_no_more),
        HARNESS_TEST(subscriber_that_ends_is_forgotten),
        HARNESS_TEST(member_may_look_on),
        HARNESS_TEST(left_stands_between_the_last_message_and_the_end),
        HARNESS_TEST(changes_find_room_in_a_full_mailbox),
        HARNESS_TEST(handlers_join_and_leave),
        HARNESS_TEST(shutdown_tells_nobody_of_what_it_ends_twice),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
