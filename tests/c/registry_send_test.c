/* Messages to whoever has a name: they follow restarts, where a pid means one life. */
#include "support/contract.h"
#include "support/family.h"
#include "support/script.h"

#define Z SPAWNED_ZERO_TERMINATED

static spawned_status send_tracked(harness *h, const char *name, uint64_t number) {
    const harness_tracked value = harness_tracked_make(h, number);
    return spawned_registry_send(harness_runtime(h), name, Z, &harness_tracked_type, &value);
}

static spawned_status ask(harness *h, const char *name, uint64_t question, uint64_t *out_answer) {
    return spawned_registry_request(harness_runtime(h), name, Z, &harness_ask_type, &question,
                                    HARNESS_LONG, out_answer);
}

static void message_reaches_whoever_has_the_name_now(void **state) {
    harness *h = *state;
    harness_probe *probes[2] = {harness_probe_new(h), harness_probe_new(h)};
    const spawned_pid first = harness_probe_start(h, probes[0], NULL);
    const spawned_pid second = harness_probe_start(h, probes[1], NULL);
    uint64_t answer = 0;
    assert_ok(spawned_registry_register("clerk", Z, first));
    assert_ok(send_tracked(h, "clerk", 1));
    assert_ok(spawned_registry_unregister(harness_runtime(h), "clerk", Z));
    assert_status(send_tracked(h, "clerk", 2), SPAWNED_ENOENT);
    assert_status(ask(h, "clerk", 3, &answer), SPAWNED_ENOENT);
    assert_ok(spawned_registry_register("clerk", Z, second));
    assert_ok(send_tracked(h, "clerk", 4));
    assert_ok(ask(h, "clerk", 5, &answer));
    assert_int_equal(answer, 6);
    assert_true(harness_settle(h));
    assert_story(probes[0], "i s 1");
    assert_int_equal(harness_probe_count(probes[1], HARNESS_MESSAGE), 2);
    assert_int_equal(harness_tracked_destroyed(h), 3);
}

/* The answer that a client waits for, and what it is told in between. */
static void name_follows_a_restart_and_a_pid_does_not(void **state) {
    harness *h = *state;
    static family f;
    family_init(&f, h, "a", SPAWNED_ONE_FOR_ONE);
    f.options[0].name = "clerk";
    spawned_pid supervisor = 0;
    const uint64_t nothing = 0;
    assert_ok(family_start(&f, &supervisor));
    assert_true(family_wait_lives(&f, 'a', 1));
    const spawned_pid first = family_pid(&f, 'a');
    const uint64_t order = FAMILY_FAIL;
    assert_ok(spawned_registry_send(harness_runtime(h), "clerk", Z, &harness_number_type, &order));
    assert_ok(spawned_actor_join(first, HARNESS_LONG));
    assert_true(family_wait_lives(&f, 'a', 2));
    assert_ok(
        spawned_registry_send(harness_runtime(h), "clerk", Z, &harness_number_type, &nothing));
    assert_status(harness_send_number(first, nothing), SPAWNED_ESTOPPED);
    assert_ok(spawned_actor_stop(supervisor));
    assert_ok(spawned_actor_join(supervisor, HARNESS_LONG));
    assert_status(spawned_registry_send(harness_runtime(h), "clerk", Z, &harness_number_type,
                                        &nothing),
                  SPAWNED_ENOENT);
}

/* What is said to the name of who is ending. */
typedef struct farewell {
    spawned_status sent, asked;
} farewell;

static spawned_status speak_to_oneself(spawned_context *context, harness_probe *probe) {
    (void)context;
    farewell *said = probe->data;
    uint64_t answer;
    said->sent = send_tracked(probe->owner, "clerk", 1);
    said->asked = ask(probe->owner, "clerk", 1, &answer);
    return SPAWNED_OK;
}

static void who_is_ending_takes_nothing_under_its_name(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    farewell said = {1, 1};
    probe->data = &said;
    probe->on_stopped = speak_to_oneself;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_registry_register("clerk", Z, pid));
    assert_true(harness_settle(h));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_status(said.sent, SPAWNED_ENOENT);
    assert_status(said.asked, SPAWNED_ENOENT);
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

/* Who took a request and ended tells so: it may have begun. */
static void request_stays_with_who_took_it(void **state) {
    harness *h = *state;
    const spawned_pid pid = script_start(h);
    static spawned_status failed = 77;
    assert_ok(spawned_registry_register("clerk", Z, pid));
    int64_t answer = 0;
    const script_act act = {script_return, &failed};
    const spawned_status status =
        spawned_registry_request(harness_runtime(h), "clerk", Z, &script_ask_type, &act,
                                 HARNESS_LONG, &answer);
    assert_status(status, SPAWNED_ESTOPPED);
    assert_status(send_tracked(h, "clerk", 1), SPAWNED_ENOENT);
}

static void full_mailbox_is_told_as_of_a_pid(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    harness_gate *gate = harness_gate_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = 1;
    options.name = "clerk";
    const spawned_pid pid = harness_probe_start(h, probe, &options);
    assert_true(harness_settle(h));
    assert_true(harness_probe_hold(probe, pid, gate));
    assert_ok(send_tracked(h, "clerk", 1));
    assert_status(send_tracked(h, "clerk", 2), SPAWNED_EFULL);
    harness_gate_open(gate);
    assert_true(harness_settle(h));
    assert_true(harness_tracked_end(h));
}

/* AB04 */
static void what_is_no_name_or_no_value_is_refused(void **state) {
    harness *h = *state;
    spawned_runtime *runtime = harness_runtime(h);
    const uint64_t number = 1;
    uint64_t answer = 7;
    assert_ok(spawned_registry_put(runtime, "limit", Z, &harness_number_type, &number, 0));
    assert_status(send_tracked(h, "limit", 1), SPAWNED_ENOENT); /* a value */
    assert_status(send_tracked(h, NULL, 1), SPAWNED_EINVAL);
    assert_status(send_tracked(h, "", 1), SPAWNED_EINVAL);
    assert_status(send_tracked(h, "\xff", 1), SPAWNED_EINVAL);
    assert_status(ask(h, NULL, 1, &answer), SPAWNED_EINVAL);
    assert_status(spawned_registry_send(runtime, "a", Z, NULL, &number), SPAWNED_EINVAL);
    assert_status(spawned_registry_send(runtime, "a", Z, &harness_number_type, NULL),
                  SPAWNED_EINVAL);
    assert_status(spawned_registry_request(runtime, "a", Z, NULL, &number, 0, &answer),
                  SPAWNED_EINVAL);
    const harness_tracked value = harness_tracked_make(h, 1), other = harness_tracked_make(h, 1);
    assert_status(spawned_registry_send(NULL, "a", Z, &harness_tracked_type, &value),
                  SPAWNED_EINVAL);
    spawned_message_type pinned = harness_tracked_type;
    pinned.flags = SPAWNED_TYPE_PINNED;
    assert_status(spawned_registry_send(runtime, "a", Z, &pinned, &other), SPAWNED_EUNSUPPORTED);
    assert_int_equal(answer, 7);
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
    harness_probe *probe = harness_probe_new(h);
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.name = "clerk";
    (void)harness_probe_start(h, probe, &options);
    const uint64_t question = 1;
    assert_status(spawned_registry_request(runtime, "clerk", Z, &harness_ask_type, &question,
                                           HARNESS_LONG, NULL),
                  SPAWNED_EINVAL); /* nowhere to put the answer */
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(message_reaches_whoever_has_the_name_now),
        HARNESS_TEST(name_follows_a_restart_and_a_pid_does_not),
        HARNESS_TEST(who_is_ending_takes_nothing_under_its_name),
        HARNESS_TEST(request_stays_with_who_took_it),
        HARNESS_TEST(full_mailbox_is_told_as_of_a_pid),
        HARNESS_TEST(what_is_no_name_or_no_value_is_refused),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
