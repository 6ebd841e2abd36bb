/* Links: who ends with whom, who is told instead, and what a link needs. Sent signals are exit_signal_test.c,
 * ends that race with links link_race_test.c. */
#include "support/contract.h"
#include "support/witness.h"

static void end(spawned_pid pid) {
    (void)spawned_actor_stop(pid);
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

static spawned_pid trapping(harness *h, witness **out) {
    *out = witness_new(h);
    witness_will_trap(*out);
    const spawned_pid pid = witness_start(*out, NULL);
    assert_true(harness_settle(h));
    return pid;
}

/* The ways in which an actor ends, and the reasons that they give. */
enum { BY_STOP, BY_FAILURE, BY_SHUTDOWN, BY_KILL, WAYS };
static const spawned_exit_kind reasons[WAYS] = {SPAWNED_EXIT_NORMAL, SPAWNED_EXIT_FAILURE,
                                                SPAWNED_EXIT_SHUTDOWN, SPAWNED_EXIT_KILLED};

static void end_by(spawned_pid pid, int way) {
    static spawned_status failed = 9;
    spawned_exit shutdown = SPAWNED_EXIT_INIT;
    shutdown.kind = SPAWNED_EXIT_SHUTDOWN;
    if (way == BY_STOP) assert_ok(spawned_actor_stop(pid));
    if (way == BY_FAILURE) assert_ok(script_tell(pid, witness_fail, &failed));
    if (way == BY_SHUTDOWN) assert_ok(spawned_actor_exit(pid, &shutdown, NULL, 0));
    if (way == BY_KILL) assert_ok(spawned_actor_kill(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
}

/* EX01, LM01 */
static void linked_actor_ends_for_the_same_reason_unless_it_is_normal(void **state) {
    harness *h = *state;
    for (int way = 0; way < WAYS; way++) {
        for (int other_way_round = 0; other_way_round < 2; other_way_round++) {
            witness *own = witness_new(h);
            const spawned_pid linked = witness_start(own, NULL), dying = script_start(h);
            const spawned_pid unlinked = script_start(h);
            assert_ok(other_way_round ? spawned_link(dying, linked) : spawned_link(linked, dying));
            assert_true(harness_settle(h));
            end_by(dying, way);
            if (way == BY_STOP) {
                assert_ok(script_run(linked, script_nothing, NULL));
                assert_string_equal(witness_story(own), "i s");
            } else {
                assert_ok(spawned_actor_join(linked, HARNESS_LONG));
                const spawned_status code = way == BY_FAILURE ? 9 : SPAWNED_OK;
                assert_exit(linked, reasons[way], code, SPAWNED_PLACE_NONE);
                assert_string_equal(witness_story(own), "i s x d");
                assert_int_equal(witness_exit(own).kind, reasons[way]);
                spawned_exit read = SPAWNED_EXIT_INIT;
                char text[8];
                assert_ok(spawned_actor_exit_reason(linked, &read, text, sizeof text));
                assert_string_equal(text, way == BY_FAILURE ? "gone" : "");
            }
            assert_ok(script_run(unlinked, script_nothing, NULL));
            end(linked);
            end(unlinked);
        }
    }
}

/* EX01 */
static void who_traps_exits_is_told_of_each_end(void **state) {
    harness *h = *state;
    witness *own;
    const spawned_pid linked = trapping(h, &own);
    for (int way = 0; way < WAYS; way++) {
        const spawned_pid dying = script_start(h);
        assert_ok(spawned_link(linked, dying));
        end_by(dying, way);
        assert_true(witness_wait(own, (size_t)way + 1));
        const spawned_ended told = witness_end(own, (size_t)way);
        assert_int_equal(told.pid, dying);
        assert_int_equal(told.monitor, 0);
        assert_int_equal(told.tag, 0);
        assert_int_equal(told.exit.kind, reasons[way]);
        assert_int_equal(told.exit.code, way == BY_FAILURE ? 9 : SPAWNED_OK);
        assert_int_equal(told.exit.place,
                         way == BY_FAILURE ? SPAWNED_PLACE_HANDLER : SPAWNED_PLACE_NONE);
        assert_string_equal(told.text, way == BY_FAILURE ? "gone" : "");
    }
    assert_ok(script_run(linked, script_nothing, NULL));
    assert_int_equal(witness_count(own), WAYS);
}

/* LM02 */
static void there_is_one_link_between_two(void **state) {
    harness *h = *state;
    witness *own, *other;
    const spawned_pid one = trapping(h, &own), two = trapping(h, &other);
    for (int i = 0; i < 3; i++) {
        assert_ok(spawned_link(one, two));
        assert_ok(spawned_link(two, one));
    }
    assert_ok(spawned_unlink(two, one));
    assert_ok(spawned_unlink(two, one)); /* none: nothing to do */
    end(two);
    assert_ok(script_run(one, script_nothing, NULL));
    assert_int_equal(witness_count(own), 0);
    const spawned_pid three = trapping(h, &other);
    assert_ok(spawned_link(one, three));
    assert_ok(spawned_link(three, one));
    end(one);
    assert_true(witness_wait(other, 1));
    assert_true(harness_settle(h));
    assert_int_equal(witness_count(other), 1);
}

static void link_of_an_actor_to_itself_is_none(void **state) {
    harness *h = *state;
    witness *own;
    const spawned_pid one = trapping(h, &own);
    assert_ok(spawned_link(one, one));
    assert_ok(spawned_unlink(one, one));
    end(one);
    assert_string_equal(witness_story(own), "i s x d");
}

/* LM03 */
static void link_to_one_that_has_ended_brings_its_signal_at_once(void **state) {
    harness *h = *state;
    for (int way = 0; way < WAYS; way++) {
        witness *told, *plain = witness_new(h);
        const spawned_pid traps = trapping(h, &told), acts = witness_start(plain, NULL);
        const spawned_pid dead = script_start(h);
        end_by(dead, way);
        assert_ok(spawned_link(traps, dead));
        assert_ok(spawned_link(dead, acts));
        assert_ok(harness_send_number(traps, 1));
        assert_true(harness_settle(h));
        assert_string_equal(witness_story(told), "i s E0 1");
        assert_int_equal(witness_end(told, 0).pid, dead);
        assert_int_equal(witness_end(told, 0).exit.kind, reasons[way]);
        if (way == BY_STOP)
            assert_ok(script_run(acts, script_nothing, NULL));
        else
            assert_ok(spawned_actor_join(acts, HARNESS_LONG));
        if (way != BY_STOP)
            assert_exit(acts, reasons[way], way == BY_FAILURE ? 9 : SPAWNED_OK, SPAWNED_PLACE_NONE);
        end(traps);
        end(acts);
        assert_status(spawned_link(dead, acts), SPAWNED_ESTOPPED);
    }
}

/* LM03: the last 65,536 are remembered */
static void link_to_one_that_is_forgotten_says_that_it_has_stopped(void **state) {
    harness *h = *state;
    if (harness_mode_of(h) != HARNESS_HOST) skip(); /* the same everywhere, and quickest there */
    witness *told;
    const spawned_pid traps = trapping(h, &told), acts = script_start(h), dead = script_start(h);
    end(dead);
    for (int i = 0; i < 65536; i++) {
        const spawned_pid passing = script_start(h);
        assert_ok(spawned_actor_kill(passing));
        if (i % 1024 == 1023) assert_true(harness_settle(h));
    }
    assert_ok(spawned_link(traps, dead));
    assert_ok(spawned_link(acts, dead));
    assert_true(witness_wait(told, 1));
    assert_int_equal(witness_end(told, 0).exit.kind, SPAWNED_EXIT_FAILURE);
    assert_int_equal(witness_end(told, 0).exit.code, SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_join(acts, HARNESS_LONG));
    assert_exit(acts, SPAWNED_EXIT_FAILURE, SPAWNED_ESTOPPED, SPAWNED_PLACE_NONE);
}

static void signal_goes_through_a_chain_of_links(void **state) {
    harness *h = *state;
    static const size_t lengths[] = {1, 2, 9, 10};
    for (size_t i = 0; i < 4; i++) {
        spawned_pid chain[11];
        witness *last;
        for (size_t j = 0; j < lengths[i]; j++) chain[j] = script_start(h);
        chain[lengths[i]] = trapping(h, &last);
        for (size_t j = 0; j < lengths[i]; j++) assert_ok(spawned_link(chain[j], chain[j + 1]));
        assert_ok(spawned_actor_kill(chain[0]));
        assert_true(witness_wait(last, 1));
        for (size_t j = 0; j < lengths[i]; j++)
            assert_exit(chain[j], SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
        assert_int_equal(witness_end(last, 0).exit.kind, SPAWNED_EXIT_KILLED);
        end(chain[lengths[i]]);
    }
}

static void ring_of_links_ends_as_one(void **state) {
    harness *h = *state;
    enum { RING = 20 };
    static spawned_status failed = 9;
    spawned_pid ring[RING];
    for (size_t i = 0; i < RING; i++) ring[i] = script_start(h);
    for (size_t i = 0; i < RING; i++) assert_ok(spawned_link(ring[i], ring[(i + 1) % RING]));
    assert_ok(script_tell(ring[7], witness_fail, &failed));
    for (size_t i = 0; i < RING; i++) assert_ok(spawned_actor_join(ring[i], HARNESS_LONG));
    for (size_t i = 0; i < RING; i++)
        assert_exit(ring[i], SPAWNED_EXIT_FAILURE, 9,
                    i == 7 ? SPAWNED_PLACE_HANDLER : SPAWNED_PLACE_NONE);
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

static void message_of_a_link_stands_behind_the_last_ones_of_the_dead(void **state) {
    harness *h = *state;
    for (int round = 0; round < 30; round++) {
        witness *own;
        const spawned_pid linked = trapping(h, &own), dying = script_start(h);
        assert_ok(spawned_link(linked, dying));
        static struct last_words last;
        last = (struct last_words){linked, 3};
        assert_ok(script_tell(dying, say_and_stop, &last));
        assert_true(witness_wait(own, 1));
        assert_string_equal(witness_story(own), "i s 1 2 3 E0");
        end(linked);
    }
}

/* What an actor does to its own links, and what it is answered. */
typedef struct linking {
    spawned_pid peer;
    bool traps, kills, unlinks;
    spawned_status seen[4];
} linking;

static spawned_status act_on_links(spawned_context *context, void *state, void *argument) {
    (void)state;
    linking *own = argument;
    const spawned_pid self = spawned_context_self(context);
    own->seen[0] = spawned_link(self, own->peer);
    if (own->traps) own->seen[1] = spawned_context_trap_exits(context, &witness_ended_type);
    if (own->kills) {
        own->seen[2] = spawned_actor_kill(own->peer);
        if (own->seen[2] == SPAWNED_OK) own->seen[2] = spawned_actor_join(own->peer, HARNESS_LONG);
    }
    if (own->unlinks) own->seen[3] = spawned_unlink(self, own->peer);
    return SPAWNED_OK;
}

/* LM04 */
static void actor_that_unlinks_does_not_end_for_a_signal_it_has_received(void **state) {
    harness *h = *state;
    REQUIRE_BLOCKING_HANDLERS(h);
    for (int round = 0; round < 4; round++) {
        witness *own = witness_new(h);
        const spawned_pid pid = witness_start(own, NULL);
        static linking one;
        one = (linking){script_start(h), round / 2 == 1, true, round % 2 == 1, {0}};
        assert_ok(script_run(pid, act_on_links, &one));
        for (size_t i = 0; i < 4; i++) assert_ok(one.seen[i]);
        const bool lives = one.traps || one.unlinks;
        if (lives)
            assert_ok(script_run(pid, script_nothing, NULL));
        else
            assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        assert_true(harness_settle(h));
        /* a message that is there already stays */
        assert_string_equal(witness_story(own), one.traps ? "i s E0" : lives ? "i s" : "i s x d");
        if (!lives) assert_exit(pid, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
        /* what was withdrawn leaves nothing: the next one acts */
        if (lives && !one.traps) {
            one = (linking){script_start(h), false, true, false, {0}};
            assert_ok(script_run(pid, act_on_links, &one));
            assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        }
        end(pid);
    }
}

/* What the messages need is there before they are sent. */
static void who_begins_to_trap_is_told_through_links_it_had_before(void **state) {
    harness *h = *state;
    enum { LINKS = 50 };
    witness *own = witness_new(h);
    const spawned_pid pid = witness_start(own, NULL);
    spawned_pid peers[LINKS];
    for (size_t i = 0; i < LINKS; i++) {
        peers[i] = script_start(h);
        static linking one;
        one = (linking){peers[i], i == LINKS / 2, false, i % 10 == 3, {0}};
        assert_ok(script_run(pid, act_on_links, &one));
    }
    for (size_t i = 0; i < LINKS; i++) end_by(peers[i], BY_KILL);
    assert_true(witness_wait(own, LINKS - LINKS / 10));
    assert_ok(script_run(pid, script_nothing, NULL));
    assert_int_equal(witness_count(own), LINKS - LINKS / 10);
}

static spawned_pid start_linked(harness *h, witness *child, const char *name, spawned_pid other,
                                spawned_status wanted) {
    spawned_actor_options options = witness_options(child);
    options.name = name;
    spawned_pid pid = 1;
    assert_status(spawned_actor_start_linked(harness_runtime(h), &witness_behavior, &options, other,
                                             &pid),
                  wanted);
    assert_true((pid != 0) == (wanted == SPAWNED_OK));
    return pid;
}

/* LM06 */
static void actor_started_so_is_linked_from_its_birth(void **state) {
    harness *h = *state;
    for (int round = 0; round < 30; round++) {
        witness *own, *child = witness_new(h), *heir = witness_new(h);
        const spawned_pid parent = trapping(h, &own);
        witness_will_fail(child, 7, "no disk");
        const spawned_pid failing = start_linked(h, child, NULL, parent, SPAWNED_OK);
        assert_true(witness_wait(own, 1));
        assert_true(harness_settle(h));
        assert_int_equal(witness_count(own), 1);
        const spawned_ended told = witness_end(own, 0);
        assert_int_equal(told.pid, failing);
        assert_int_equal(told.exit.code, 7);
        assert_int_equal(told.exit.place, SPAWNED_PLACE_STARTED);
        assert_string_equal(told.text, "no disk");
        const spawned_pid second = start_linked(h, heir, "heir", parent, SPAWNED_OK);
        end_by(parent, BY_KILL); /* perhaps before the child has run at all */
        assert_ok(spawned_actor_join(second, HARNESS_LONG));
        assert_exit(second, SPAWNED_EXIT_KILLED, SPAWNED_OK, SPAWNED_PLACE_NONE);
    }
}

static spawned_status end_the_parent(void *state, void *argument, void *user_data) {
    (void)state, (void)user_data;
    const spawned_pid parent = *(spawned_pid *)argument;
    (void)spawned_actor_kill(parent);
    return spawned_actor_join(parent, HARNESS_LONG);
}

static void linked_start_that_fails_tells_nobody(void **state) {
    harness *h = *state;
    witness *own, *child = witness_new(h);
    static spawned_pid parent;
    parent = trapping(h, &own);
    assert_ok(spawned_registry_register("taken", SPAWNED_ZERO_TERMINATED, parent));
    (void)start_linked(h, child, "taken", parent, SPAWNED_EEXIST);
    assert_string_equal(witness_story(child), "");
    harness_probe *probe = harness_probe_new(h);
    probe->init_status = 4;
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.argument = probe;
    options.backend = harness_backend(h);
    spawned_pid pid = 1;
    assert_status(spawned_actor_start_linked(harness_runtime(h), &harness_probe_behavior, &options,
                                             parent, &pid),
                  4);
    assert_int_equal(pid, 0);
    assert_true(harness_settle(h));
    assert_string_equal(witness_story(own), "i s");
    static const spawned_behavior ender = {SPAWNED_BEHAVIOR_INIT("ender"), .init = end_the_parent};
    options.argument = &parent;
    options.name = "new";
    pid = 1;
    assert_status(spawned_actor_start_linked(harness_runtime(h), &ender, &options, parent, &pid),
                  SPAWNED_ESTOPPED);
    assert_int_equal(pid, 0);
    assert_status(spawned_registry_whereis(harness_runtime(h), "new", SPAWNED_ZERO_TERMINATED,
                                           &pid),
                  SPAWNED_ENOENT);
    (void)start_linked(h, child, NULL, parent, SPAWNED_ESTOPPED);
    assert_string_equal(witness_story(child), "");
}

/* LM13 */
static void long_lived_actor_keeps_nothing_of_links_that_are_gone(void **state) {
    harness *h = *state;
    witness *own;
    const spawned_pid traps = trapping(h, &own), plain = script_start(h);
    int64_t held = 0;
    for (size_t round = 0; round < 1200; round++) {
        const spawned_pid passing = script_start(h);
        assert_ok(spawned_link(traps, passing));
        assert_ok(spawned_link(passing, plain));
        if (round % 3 == 0) assert_ok(spawned_unlink(passing, traps));
        end(passing);
        if (round == 400) held = harness_memory_held(h);
    }
    assert_ok(script_run(plain, script_nothing, NULL));
    assert_true(witness_wait(own, 800));
    assert_int_equal(witness_count(own), 800);
    /* what threads cache and the exit reasons that are kept may grow a little */
    assert_true(harness_memory_held(h) - held < 100 * 1024);
}

/* AB04 */
static void links_that_cannot_be_are_refused(void **state) {
    harness *h = *state;
    const spawned_pid one = script_start(h), dead = script_start(h), late = script_start(h);
    end(dead);
    end(late);
    spawned_runtime *other = harness_runtime_begin(h, NULL);
    spawned_pid foreign = 0, pid = 1;
    assert_ok(spawned_actor_start(other, &script_behavior, NULL, &foreign));
    const spawned_pid wrong[] = {0, 1, UINT64_MAX, one + (UINT64_C(1000) << 24), foreign};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_status(spawned_link(one, wrong[i]), SPAWNED_EINVAL);
        assert_status(spawned_link(wrong[i], one), SPAWNED_EINVAL);
        assert_status(spawned_unlink(one, wrong[i]), SPAWNED_EINVAL);
        assert_status(spawned_unlink(wrong[i], one), SPAWNED_EINVAL);
        assert_status(spawned_actor_start_linked(harness_runtime(h), &script_behavior, NULL,
                                                 wrong[i], &pid),
                      SPAWNED_EINVAL);
        assert_int_equal(pid, 0);
    }
    assert_status(spawned_actor_start_linked(NULL, &script_behavior, NULL, one, &pid),
                  SPAWNED_EINVAL);
    assert_status(spawned_actor_start_linked(harness_runtime(h), NULL, NULL, one, &pid),
                  SPAWNED_EINVAL);
    assert_status(spawned_actor_start_linked(harness_runtime(h), &script_behavior, NULL, one, NULL),
                  SPAWNED_EINVAL);
    assert_status(spawned_link(dead, late), SPAWNED_ESTOPPED);
    assert_status(spawned_link(dead, dead), SPAWNED_ESTOPPED);
    assert_ok(spawned_unlink(dead, late));
    assert_int_equal(harness_runtime_end(h, other), 0);
    assert_status(spawned_link(foreign, foreign), SPAWNED_ESTOPPED);
    assert_ok(spawned_unlink(foreign, foreign));
    assert_ok(script_run(one, script_nothing, NULL));
}

/* SH08 */
static void links_end_with_their_runtime_and_are_refused_from_the_shutdown_on(void **state) {
    harness *h = *state;
    witness *own;
    const spawned_pid traps = trapping(h, &own), plain = script_start(h);
    spawned_pid pid = 1;
    assert_ok(spawned_link(traps, plain));
    assert_ok(spawned_runtime_shutdown(harness_runtime(h), HARNESS_LONG));
    assert_exit(plain, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_exit(traps, SPAWNED_EXIT_SHUTDOWN, SPAWNED_OK, SPAWNED_PLACE_NONE);
    assert_status(spawned_link(traps, plain), SPAWNED_ESTOPPING);
    assert_ok(spawned_unlink(traps, plain));
    assert_status(spawned_actor_start_linked(harness_runtime(h), &script_behavior, NULL, traps,
                                             &pid),
                  SPAWNED_ESTOPPED); /* the other one */
    assert_int_equal(harness_end_runtime(h), 0);
    assert_status(spawned_link(traps, plain), SPAWNED_ESTOPPED);
    assert_ok(spawned_unlink(traps, plain));
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(linked_actor_ends_for_the_same_reason_unless_it_is_normal),
        HARNESS_TEST(who_traps_exits_is_told_of_each_end),
        HARNESS_TEST(there_is_one_link_between_two),
        HARNESS_TEST(link_of_an_actor_to_itself_is_none),
        HARNESS_TEST(link_to_one_that_has_ended_brings_its_signal_at_once),
        HARNESS_TEST(link_to_one_that_is_forgotten_says_that_it_has_stopped),
        HARNESS_TEST(signal_goes_through_a_chain_of_links),
        HARNESS_TEST(ring_of_links_ends_as_one),
        HARNESS_TEST(message_of_a_link_stands_behind_the_last_ones_of_the_dead),
        HARNESS_TEST(actor_that_unlinks_does_not_end_for_a_signal_it_has_received),
        HARNESS_TEST(who_begins_to_trap_is_told_through_links_it_had_before),
        HARNESS_TEST(actor_started_so_is_linked_from_its_birth),
        HARNESS_TEST(linked_start_that_fails_tells_nobody),
        HARNESS_TEST(long_lived_actor_keeps_nothing_of_links_that_are_gone),
        HARNESS_TEST(links_that_cannot_be_are_refused),
        HARNESS_TEST(links_end_with_their_runtime_and_are_refused_from_the_shutdown_on),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
