/* Monitors: who is told of an end, in what order, how often, and what of it can be taken back. Ends that race
 * with them are monitor_race_test.c. */
#include "support/contract.h"
#include "support/witness.h"

static void end(spawned_pid pid) {
    (void)spawned_actor_stop(pid);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

static spawned_event monitor(spawned_pid watched, spawned_pid watcher, uint64_t tag) {
    spawned_event event = 0;
    assert_ok(spawned_monitor(watched, watcher, &witness_ended_type, tag, &event));
    assert_true(event != 0);
    return event;
}

static void assert_told(witness *own, size_t index, spawned_pid pid, spawned_event event,
                        spawned_exit_kind kind) {
    const spawned_ended told = witness_end(own, index);
    assert_int_equal(told.pid, pid);
    assert_int_equal(told.monitor, event);
    assert_int_equal(told.exit.size, sizeof(spawned_exit));
    assert_string_equal(spawned_exit_kind_name(told.exit.kind), spawned_exit_kind_name(kind));
}

/* LM07 */
static void message_tells_who_ended_and_how(void **state) {
    harness *h = *state;
    static spawned_status failed = 9;
    static const spawned_exit_kind kinds[] = {SPAWNED_EXIT_NORMAL, SPAWNED_EXIT_KILLED,
                                              SPAWNED_EXIT_FAILURE, SPAWNED_EXIT_NORMAL};
    for (uint64_t how = 0; how < 4; how++) {
        witness *own = witness_new(h);
        const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
        const spawned_event event = monitor(watched, watcher, how);
        if (how == 0) assert_ok(spawned_actor_stop(watched));
        if (how == 1) assert_ok(spawned_actor_kill(watched));
        if (how == 2) assert_ok(script_tell(watched, witness_fail, &failed));
        if (how == 3) assert_ok(spawned_actor_drain(watched, SPAWNED_DEFAULT));
        assert_true(witness_wait(own, 1));
        assert_true(harness_settle(h));
        assert_int_equal(witness_count(own), 1);
        assert_told(own, 0, watched, event, kinds[how]);
        const spawned_ended told = witness_end(own, 0);
        assert_int_equal(told.tag, how);
        assert_int_equal(told.exit.code, how == 2 ? 9 : SPAWNED_OK);
        assert_int_equal(told.exit.place, how == 2 ? SPAWNED_PLACE_HANDLER : SPAWNED_PLACE_NONE);
        assert_int_equal(told.exit.text_length, how == 2 ? 4 : 0);
        assert_string_equal(told.text, how == 2 ? "gone" : "");
        assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
        end(watcher);
    }
}

static void text_of_a_failure_is_cut_between_two_characters(void **state) {
    harness *h = *state;
    witness *own = witness_new(h), *failing = witness_new(h);
    const char *words =
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xc3\xa9 etc.";
    witness_will_fail(failing, 3, words);
    const spawned_pid watcher = witness_start(own, NULL);
    monitor(witness_start(failing, NULL), watcher, 0);
    assert_true(witness_wait(own, 1));
    const spawned_ended told = witness_end(own, 0);
    assert_int_equal(told.exit.text_length, strlen(words));
    assert_int_equal(strlen(told.text), SPAWNED_ENDED_TEXT - 1); /* 15 times three bytes, and two */
    assert_memory_equal(told.text, words, SPAWNED_ENDED_TEXT - 1);
}

struct last_words {
    spawned_pid to;
    uint64_t count;
};

static spawned_status say_and_stop(spawned_context *context, void *state, void *argument) {
    (void)state;
    const struct last_words *last = argument;
    for (uint64_t i = 1; i <= last->count; i++) (void)harness_send_number(last->to, i);
    return spawned_context_stop(context);
}

static void message_stands_behind_the_last_ones_of_the_dead_actor(void **state) {
    harness *h = *state;
    for (int round = 0; round < 50; round++) {
        witness *own = witness_new(h);
        const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
        monitor(watched, watcher, 9);
        struct last_words last = {watcher, 3};
        assert_ok(script_tell(watched, say_and_stop, &last));
        assert_true(witness_wait(own, 1));
        assert_string_equal(witness_story(own), "i s 1 2 3 E9");
        end(watcher);
    }
}

/* LM08 */
static void of_an_actor_that_has_ended_it_tells_at_once_what_is_remembered(void **state) {
    harness *h = *state;
    static spawned_status failed = 9;
    witness *own = witness_new(h);
    const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
    assert_status(script_run(watched, witness_fail, &failed), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(watched, HARNESS_LONG));
    const spawned_event event = monitor(watched, watcher, 4);
    assert_ok(harness_send_number(watcher, 1));
    assert_true(harness_settle(h));
    assert_string_equal(witness_story(own), "i s E4 1");
    assert_told(own, 0, watched, event, SPAWNED_EXIT_FAILURE);
    assert_int_equal(witness_end(own, 0).exit.code, 9);
    assert_string_equal(witness_end(own, 0).text, "gone");
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

/* LM08: the last 65,536 are remembered */
static void of_an_actor_that_is_forgotten_it_says_so(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_HOST) skip(); /* the same everywhere, and quickest there */
    witness *own = witness_new(h);
    const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
    end(watched);
    for (int i = 0; i < 65536; i++) {
        const spawned_pid passing = script_start(h);
        assert_ok(spawned_actor_kill(passing));
        if (i % 1024 == 1023) assert_true(harness_settle(h));
    }
    const spawned_event event = monitor(watched, watcher, 4);
    assert_true(witness_wait(own, 1));
    assert_told(own, 0, watched, event, SPAWNED_EXIT_UNKNOWN);
}

/* LM07 */
static void every_one_of_ten_thousand_monitors_tells_once(void **state) {
    harness *h = *state;
    enum { MONITORS = 10000, WATCHERS = 10 };
    witness *own[WATCHERS];
    spawned_pid watchers[WATCHERS];
    for (size_t i = 0; i < WATCHERS; i++) {
        own[i] = witness_new(h);
        watchers[i] = witness_start(own[i], NULL);
    }
    const spawned_pid watched = script_start(h);
    static spawned_event events[MONITORS];
    for (size_t i = 0; i < MONITORS; i++) events[i] = monitor(watched, watchers[i % WATCHERS], i);
    end(watched);
    for (size_t i = 0; i < WATCHERS; i++) assert_true(witness_wait(own[i], MONITORS / WATCHERS));
    assert_true(harness_settle(h));
    for (size_t i = 0; i < WATCHERS; i++) {
        assert_int_equal(witness_count(own[i]), MONITORS / WATCHERS);
        for (size_t j = 0; j < MONITORS / WATCHERS; j++) { /* the oldest first */
            const size_t number = j * WATCHERS + i;
            assert_told(own[i], j, watched, events[number], SPAWNED_EXIT_NORMAL);
            assert_int_equal(witness_end(own[i], j).tag, number);
        }
    }
}

/* LM10 */
static void cancelled_monitor_tells_nobody(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
    const spawned_event first = monitor(watched, watcher, 1), second = monitor(watched, watcher, 2);
    assert_true(first != second);
    assert_ok(spawned_event_cancel(first));
    assert_status(spawned_event_cancel(first), SPAWNED_EALREADY);
    end(watched);
    assert_true(witness_wait(own, 1));
    assert_true(harness_settle(h));
    assert_string_equal(witness_story(own), "i s E2");
}

/* What an actor forgets, and what it is answered. */
typedef struct forgetting {
    size_t count;
    spawned_event events[4];
    spawned_status seen[4];
} forgetting;

static spawned_status forget(spawned_context *context, void *state, void *argument) {
    (void)state;
    forgetting *all = argument;
    for (size_t i = 0; i < all->count; i++)
        all->seen[i] = spawned_context_forget_monitor(context, all->events[i]);
    return SPAWNED_OK;
}

/* LM11 */
static void forgotten_monitor_is_not_told_of_before_and_after_the_end(void **state) {
    harness *h = *state;
    for (int after = 0; after < 2; after++) {
        witness *own = witness_new(h);
        const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
        assert_true(harness_settle(h));
        script_hold hold;
        if (!harness_is_alone(h)) assert_ok(script_hold_begin(&hold, h, watcher));
        spawned_event events[4];
        for (uint64_t i = 0; i < 4; i++) events[i] = monitor(watched, watcher, i + 1);
        static forgetting all;
        all = (forgetting){2, {events[0], events[2]}, {1, 1}};
        if (!after) assert_ok(script_tell(watcher, forget, &all));
        if (after && harness_is_alone(h)) {
            assert_ok(harness_send_number(watcher, 7));
            assert_ok(script_tell(watcher, forget, &all));
            end(watched); /* may run the watcher too: either order is right */
        } else {
            end(watched);
            if (after) assert_ok(script_tell(watcher, forget, &all));
        }
        if (!harness_is_alone(h)) assert_ok(script_hold_end(&hold));
        assert_ok(script_run(watcher, script_nothing, NULL));
        assert_true(harness_settle(h));
        for (size_t i = 0; i < 2; i++) {
            size_t told = 0;
            for (size_t j = 0; j < witness_count(own); j++)
                told += witness_end(own, j).monitor == all.events[i];
            assert_status(all.seen[i], told == 0 ? SPAWNED_OK : SPAWNED_EALREADY);
        }
        if (!after) assert_string_equal(witness_story(own), "i s E2 E4");
        end(watcher);
        if (!harness_is_alone(h)) script_hold_release(&hold);
    }
}

/* An actor that ends another one and forgets in the same handler, when the message is there already. */
typedef struct ending {
    spawned_pid watched;
    size_t numbers; /* it sends itself these, before and after the message */
    forgetting all;
} ending;

static spawned_status end_and_forget(spawned_context *context, void *state, void *argument) {
    ending *own = argument;
    const spawned_pid self = spawned_context_self(context);
    for (size_t i = 0; i < own->numbers; i++) (void)harness_send_number(self, i);
    (void)spawned_actor_kill(own->watched);
    const spawned_status joined = spawned_actor_join(own->watched, HARNESS_LONG);
    for (size_t i = 0; i < own->numbers; i++) (void)harness_send_number(self, 10 + i);
    return joined == SPAWNED_OK ? forget(context, state, &own->all) : joined;
}

/* LM11 */
static void message_that_waits_is_taken_out_by_its_monitors_number(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    for (size_t numbers = 0; numbers < 3; numbers++) {
        for (uint32_t overflow = 0; overflow < 2; overflow++) {
            witness *own = witness_new(h);
            spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
            options.capacity = overflow == 0 ? 0 : 100;
            options.overflow =
                overflow == 0 ? SPAWNED_OVERFLOW_REJECT : SPAWNED_OVERFLOW_DROP_OLDEST;
            const spawned_pid watcher = witness_start(own, &options), watched = script_start(h);
            spawned_event events[4];
            for (uint64_t i = 0; i < 4; i++) events[i] = monitor(watched, watcher, i + 1);
            const uint64_t dead = harness_stats(h).dead_cancelled;
            static ending one;
            one = (ending){watched, numbers, {4, {events[0], events[2], events[0], 77}, {0}}};
            one.all.events[3] = events[3] ^ (UINT64_C(1) << 30);
            assert_ok(script_run(watcher, end_and_forget, &one));
            assert_true(harness_settle(h));
            assert_ok(one.all.seen[0]);
            assert_ok(one.all.seen[1]);
            assert_status(one.all.seen[2], SPAWNED_EALREADY);
            assert_true(one.all.seen[3] == SPAWNED_EINVAL || one.all.seen[3] == SPAWNED_EALREADY);
            static const char *const stories[] = {"i s E2 E4", "i s 0 E2 E4 10",
                                                  "i s 0 1 E2 E4 10 11"};
            assert_string_equal(witness_story(own), stories[numbers]);
            assert_int_equal(harness_stats(h).dead_cancelled, dead + 2);
            end(watcher);
        }
    }
}

static spawned_status forget_what_is_told(spawned_context *context, void *argument,
                                          const spawned_ended *told) {
    *(spawned_status *)argument = spawned_context_forget_monitor(context, told->monitor);
    return SPAWNED_OK;
}

static void monitor_whose_message_is_being_handled_is_not_forgotten(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    static spawned_status seen;
    seen = SPAWNED_OK;
    witness_on_ended(own, forget_what_is_told, &seen);
    const spawned_pid watcher = witness_start(own, NULL), watched = script_start(h);
    monitor(watched, watcher, 1);
    end(watched);
    assert_true(witness_wait(own, 1));
    end(watcher);
    assert_status(seen, SPAWNED_EALREADY);
}

static spawned_status forward_what_is_told(spawned_context *context, void *argument,
                                           const spawned_ended *told) {
    (void)told;
    return spawned_context_forward(context, *(const spawned_pid *)argument);
}

static void message_that_was_forwarded_is_nobodys_to_forget(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    witness *first = witness_new(h), *second = witness_new(h);
    static spawned_pid other;
    other = witness_start(second, NULL);
    witness_on_ended(first, forward_what_is_told, &other);
    const spawned_pid watcher = witness_start(first, NULL), watched = script_start(h);
    const spawned_event event = monitor(watched, watcher, 1);
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, other));
    static forgetting all;
    all = (forgetting){1, {event}, {0}};
    assert_ok(script_tell(other, forget, &all));
    end(watched);
    assert_true(witness_wait(first, 1));
    end(watcher);
    assert_ok(script_hold_end(&hold));
    assert_true(witness_wait(second, 1));
    assert_status(all.seen[0], SPAWNED_EALREADY);
    end(other);
    script_hold_release(&hold);
}

/* LM12 */
static void another_actors_monitor_is_not_forgotten_and_still_tells(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid watcher = witness_start(own, NULL), other = script_start(h);
    const spawned_pid watched = script_start(h);
    const spawned_event event = monitor(watched, watcher, 1);
    spawned_event plain = 0;
    assert_ok(spawned_send_on_end(watched, harness_tracked_message(h, other, 1), &plain));
    static forgetting all;
    all = (forgetting){4, {event, 0, UINT64_MAX, plain}, {0}};
    assert_ok(script_run(other, forget, &all));
    assert_status(all.seen[0], SPAWNED_EPERM);
    for (size_t i = 1; i < 4; i++) assert_status(all.seen[i], SPAWNED_EINVAL);
    assert_status(spawned_context_forget_monitor(NULL, event), SPAWNED_ECONTEXT);
    end(watched);
    assert_true(witness_wait(own, 1));
    assert_told(own, 0, watched, event, SPAWNED_EXIT_NORMAL);
    all.seen[0] = SPAWNED_OK;
    assert_ok(script_run(other, forget, &all));
    assert_status(all.seen[0], SPAWNED_EALREADY);
}

/* LM13 */
static void watched_actor_keeps_nothing_of_monitors_that_are_gone(void **state) {
    harness *h = *state;
    const spawned_pid watched = script_start(h);
    int64_t held = 0;
    for (int round = 0; round < 1500; round++) {
        const spawned_pid watcher = script_start(h);
        spawned_event event = 0;
        assert_ok(spawned_monitor(watched, watcher, &witness_ended_type, 0, NULL));
        assert_ok(spawned_monitor(watched, watcher, &witness_ended_type, 0, &event));
        if (round % 2 == 0) assert_ok(spawned_event_cancel(event));
        assert_ok(spawned_actor_kill(watcher));
        assert_ok(spawned_actor_join(watcher, HARNESS_LONG));
        assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
        if (round == 500) held = harness_memory_held(h);
    }
    /* what threads cache and the exit reasons that are kept may grow a little */
    assert_true(harness_memory_held(h) - held < 100 * 1024);
}

/* LM14 */
static void monitor_of_a_name_concerns_who_held_it_then(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid watcher = witness_start(own, NULL);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "the watched";
    spawned_pid first = harness_start(h, &script_behavior, &options), found = 0;
    assert_ok(spawned_registry_whereis(harness_runtime(h), options.name, SPAWNED_ZERO_TERMINATED,
                                       &found));
    assert_int_equal(found, first);
    const spawned_event event = monitor(found, watcher, 1);
    end(first);
    const spawned_pid second = harness_start(h, &script_behavior, &options);
    assert_true(second != 0);
    assert_true(witness_wait(own, 1));
    assert_told(own, 0, first, event, SPAWNED_EXIT_NORMAL);
    end(second);
    assert_true(harness_settle(h));
    assert_int_equal(witness_count(own), 1);
}

static void message_finds_room_in_a_full_mailbox(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    const spawned_pid watcher = witness_start(own, &options), watched = script_start(h);
    assert_true(harness_settle(h));
    script_hold hold;
    if (!harness_is_alone(h)) assert_ok(script_hold_begin(&hold, h, watcher));
    monitor(watched, watcher, 2);
    assert_ok(harness_send_number(watcher, 1));
    assert_status(harness_send_number(watcher, 3), SPAWNED_EFULL);
    assert_ok(spawned_actor_stop(watched));
    if (!harness_is_alone(h)) assert_ok(script_hold_end(&hold));
    assert_true(witness_wait(own, 1));
    assert_string_equal(witness_story(own), "i s 1 E2");
    end(watcher);
    if (!harness_is_alone(h)) script_hold_release(&hold);
}

static void actor_that_monitors_itself_never_hears_of_it(void **state) {
    harness *h = *state;
    witness *own = witness_new(h);
    const spawned_pid self = witness_start(own, NULL);
    const spawned_event event = monitor(self, self, 1);
    end(self);
    assert_true(harness_settle(h));
    assert_string_equal(witness_story(own), "i s x d");
    assert_int_equal(harness_stats(h).dead_stopped, 0);
    assert_status(spawned_event_cancel(event), SPAWNED_EALREADY);
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(message_tells_who_ended_and_how),
        HARNESS_TEST(text_of_a_failure_is_cut_between_two_characters),
        HARNESS_TEST(message_stands_behind_the_last_ones_of_the_dead_actor),
        HARNESS_TEST(of_an_actor_that_has_ended_it_tells_at_once_what_is_remembered),
        HARNESS_TEST(of_an_actor_that_is_forgotten_it_says_so),
        HARNESS_TEST(every_one_of_ten_thousand_monitors_tells_once),
        HARNESS_TEST(cancelled_monitor_tells_nobody),
        HARNESS_TEST(forgotten_monitor_is_not_told_of_before_and_after_the_end),
        HARNESS_TEST(message_that_waits_is_taken_out_by_its_monitors_number),
        HARNESS_TEST(monitor_whose_message_is_being_handled_is_not_forgotten),
        HARNESS_TEST(message_that_was_forwarded_is_nobodys_to_forget),
        HARNESS_TEST(another_actors_monitor_is_not_forgotten_and_still_tells),
        HARNESS_TEST(watched_actor_keeps_nothing_of_monitors_that_are_gone),
        HARNESS_TEST(monitor_of_a_name_concerns_who_held_it_then),
        HARNESS_TEST(message_finds_room_in_a_full_mailbox),
        HARNESS_TEST(actor_that_monitors_itself_never_hears_of_it),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
