/* The context of a running handler: what it tells, and that it serves nobody else, nowhere else. */
#include "support/contract.h"

static const spawned_message_type note_type = SPAWNED_MESSAGE_TYPE("context.note", uint64_t);

/* ---- what a context tells ---- */

typedef struct witness {
    spawned_context *context;
    spawned_pid self;
    spawned_runtime *runtime;
    spawned_message_info info;
    spawned_status status;
} witness;

static void look(spawned_context *context, witness *seen) {
    const spawned_message_info empty = SPAWNED_MESSAGE_INFO_INIT;
    seen->context = context;
    seen->self = spawned_context_self(context);
    seen->runtime = spawned_context_runtime(context);
    seen->info = empty;
    seen->status = spawned_context_message(context, &seen->info);
}

/* data: three witnesses, of started, a number and stopped. */
static spawned_status look_in_started(spawned_context *context, harness_probe *probe) {
    look(context, (witness *)probe->data);
    return SPAWNED_OK;
}

static spawned_status look_in_handler(spawned_context *context, harness_probe *probe,
                                      uint64_t number) {
    (void)number;
    look(context, (witness *)probe->data + 1);
    return SPAWNED_OK;
}

static spawned_status look_in_stopped(spawned_context *context, harness_probe *probe) {
    look(context, (witness *)probe->data + 2);
    return SPAWNED_OK;
}

/* C1 C3 */
static void a_context_tells_the_actor_its_runtime_and_its_message_at_one_address(void **state) {
    harness *h = *state;
    witness seen[3] = {0};
    harness_probe *probe = harness_probe_new(h);
    probe->on_started = look_in_started;
    probe->on_number = look_in_handler;
    probe->on_stopped = look_in_stopped;
    probe->data = seen;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_tracked(h, pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    for (size_t i = 0; i < 3; i++) {
        assert_ok(seen[i].status);
        assert_true(seen[i].self == pid);
        assert_ptr_equal(seen[i].runtime, harness_runtime(h));
        assert_ptr_equal(seen[i].context, seen[0].context);
    }
    assert_null(seen[0].info.type);
    assert_null(seen[2].info.type);
    assert_ptr_equal(seen[1].info.type, &harness_tracked_type);
    assert_int_equal(seen[1].info.value_size, sizeof(harness_tracked));
    assert_int_equal(seen[1].info.is_request, 0);
    assert_int_equal(seen[1].info.missed, 0);
    assert_int_equal(seen[1].info.deadline, 0);
}

/* C1 */
static void a_message_tells_whether_somebody_waits_and_until_when(void **state) {
    harness *h = *state;
    witness seen[3] = {0};
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = look_in_handler;
    probe->data = seen;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    const spawned_time before = harness_now(h);
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    assert_int_equal(seen[1].info.is_request, 1);
    assert_true(seen[1].info.deadline >= before + HARNESS_LONG);
    spawned_message *message = NULL;
    assert_ok(spawned_message_create(pid, &harness_number_type, &question, &message));
    assert_ok(spawned_message_set_deadline(message, before + 5 * HARNESS_LONG));
    assert_ok(spawned_message_send(message));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_true(harness_settle(h));
    assert_int_equal(seen[1].info.is_request, 0);
    assert_int_equal(seen[1].info.deadline, before + 5 * HARNESS_LONG);
}

/* ---- misuse ---- */

/* Every function that takes a context, by one who has no right to it. */
static int count_refusals(spawned_context *context, spawned_pid other) {
    int refusals = 0;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    uint64_t number = 1;
    void *storage = NULL;
    spawned_reply_to reply_to = 0;
    spawned_response *response = spawned_response_of_error(SPAWNED_EAGAIN);
    refusals += spawned_context_self(context) == 0;
    refusals += spawned_context_runtime(context) == NULL;
    refusals += spawned_context_message(context, &info) == SPAWNED_ECONTEXT;
    refusals += spawned_context_stop(context) == SPAWNED_ECONTEXT;
    refusals += spawned_context_forward(context, other) == SPAWNED_ECONTEXT;
    refusals += spawned_reply(context, &number) == SPAWNED_ECONTEXT;
    refusals += spawned_reply_reserve(context, 0, &storage) == SPAWNED_ECONTEXT;
    refusals += spawned_reply_commit(context) == SPAWNED_ECONTEXT;
    refusals += spawned_reply_fail(context, 7, "no", 2) == SPAWNED_ECONTEXT;
    refusals += spawned_reply_detach(context, &reply_to) == SPAWNED_ECONTEXT;
    refusals += spawned_await(context, &response, 1, NULL, NULL, NULL) < 0; /* EINVAL: no resume */
    spawned_response_release(response);
    return refusals;
}

enum { ALL_REFUSED = 11 };

static spawned_status resume_never(spawned_context *context, void *state, size_t ready,
                                   void *user_data) {
    (void)context;
    (void)state;
    (void)ready;
    ++*(int *)user_data;
    return SPAWNED_OK;
}

/* data: where the context is left. */
static spawned_status leave_context(spawned_context *context, harness_probe *probe,
                                    uint64_t number) {
    (void)number;
    *(spawned_context **)probe->data = context;
    return SPAWNED_OK;
}

/* AB06 C1 */
static void a_context_is_refused_once_its_handler_has_returned(void **state) {
    harness *h = *state;
    spawned_context *late = NULL;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = leave_context;
    probe->data = &late;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    assert_non_null(late);
    assert_int_equal(count_refusals(late, pid), ALL_REFUSED);
    int resumed = 0;
    spawned_response *response = spawned_response_of_error(SPAWNED_EAGAIN);
    assert_status(spawned_await(late, &response, 1, resume_never, &resumed, NULL),
                  SPAWNED_ECONTEXT);
    spawned_response_release(response);
    assert_true(harness_settle(h));
    assert_int_equal(resumed, 0);
    assert_ok(harness_send_number(pid, 2)); /* unharmed */
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_true(harness_settle(h)); /* the handler still writes to late */
}

/* AB06 */
static void a_context_is_refused_after_its_actor_and_after_its_runtime(void **state) {
    harness *h = *state;
    spawned_context *late = NULL;
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = leave_context;
    probe->data = &late;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    assert_ok(harness_send_number(pid, 1));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 1));
    assert_ok(spawned_actor_stop(pid));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_int_equal(count_refusals(late, pid), ALL_REFUSED);
    assert_int_equal(harness_end_runtime(h), 0);
    assert_int_equal(count_refusals(late, pid), ALL_REFUSED);
}

typedef struct intruder {
    spawned_context *context;
    spawned_pid pid;
    int refusals;
} intruder;

static void *intrude(void *argument) {
    intruder *own = argument;
    own->refusals = count_refusals(own->context, own->pid);
    return NULL;
}

static spawned_status let_a_thread_intrude(spawned_context *context, harness_probe *probe,
                                           uint64_t number) {
    (void)number;
    intruder *guest = probe->data;
    guest->context = context;
    guest->pid = spawned_context_self(context);
    pthread_t thread;
    if (pthread_create(&thread, NULL, intrude, guest) != 0) return SPAWNED_EFAILED;
    pthread_join(thread, NULL);
    return spawned_context_self(context) == guest->pid ? SPAWNED_OK : SPAWNED_EFAILED;
}

/* AB06 C1 */
static void a_context_is_refused_on_another_thread_while_its_handler_runs(void **state) {
    harness *h = *state;
    intruder guest = {0};
    harness_probe *probe = harness_probe_new(h);
    probe->on_number = let_a_thread_intrude;
    probe->data = &guest;
    const spawned_pid pid = harness_probe_start(h, probe, NULL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
    assert_int_equal(answer, 2); /* its own answer, not the intruder's */
    assert_int_equal(guest.refusals, ALL_REFUSED);
    assert_exit(pid, SPAWNED_EXIT_RUNNING, SPAWNED_OK, SPAWNED_PLACE_NONE);
}

/* data: the context another actor left; result: the refusals. */
static spawned_status use_foreign_context(spawned_context *context, harness_probe *probe,
                                          uint64_t number) {
    (void)number;
    probe->result = count_refusals(*(spawned_context **)probe->data, spawned_context_self(context));
    return SPAWNED_OK;
}

/* AB06 C1 */
static void a_context_is_refused_to_another_actor(void **state) {
    harness *h = *state;
    spawned_context *left = NULL;
    harness_probe *owner = harness_probe_new(h), *other = harness_probe_new(h);
    owner->on_number = leave_context;
    owner->data = &left;
    other->on_number = use_foreign_context;
    other->data = &left;
    const spawned_pid first = harness_probe_start(h, owner, NULL);
    const spawned_pid next = harness_probe_start(h, other, NULL);
    assert_ok(harness_send_number(first, 1));
    assert_true(harness_probe_wait(owner, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    assert_ok(harness_send_number(next, 1));
    assert_true(harness_settle(h));
    assert_int_equal(other->result, ALL_REFUSED);
}

/* Leaves its context and asks its peer, which tries to use it: perhaps on the very same thread. */
static spawned_status ask_an_intruder(spawned_context *context, harness_probe *probe,
                                      uint64_t number) {
    *(spawned_context **)probe->data = context;
    uint64_t answer = 0;
    const spawned_status status =
        spawned_request(probe->peer, &harness_ask_type, &number, HARNESS_LONG, &answer);
    return status == SPAWNED_OK && spawned_context_self(context) == 0 ? SPAWNED_EFAILED : status;
}

/* AB06 */
static void a_context_is_refused_to_the_actor_its_own_one_waits_for(void **state) {
    harness *h = *state;
    spawned_context *outer = NULL;
    harness_probe *asking = harness_probe_new(h), *asked = harness_probe_new(h);
    asking->on_number = ask_an_intruder;
    asking->data = &outer;
    asked->on_number = use_foreign_context;
    asked->data = &outer;
    asking->peer = harness_probe_start(h, asked, NULL);
    const spawned_pid pid = harness_probe_start(h, asking, NULL);
    const uint64_t question = 1;
    uint64_t answer = 0;
    for (size_t i = 0; i < 20; i++) {
        assert_ok(spawned_request(pid, &harness_ask_type, &question, HARNESS_LONG, &answer));
        assert_int_equal(asked->result, ALL_REFUSED);
    }
}

/* ---- addresses ---- */

/* C4 */
static void copies_of_a_pid_are_one_address_before_and_after_the_end(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    const spawned_pid pid = harness_probe_start(h, probe, NULL), copy = pid;
    assert_ok(harness_send_number(pid, 1));
    assert_ok(harness_send_number(copy, 2));
    assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 2));
    assert_ok(spawned_actor_stop(copy));
    assert_ok(spawned_actor_join(pid, HARNESS_LONG));
    assert_status(harness_send_number(copy, 3), SPAWNED_ESTOPPED);
    assert_ptr_equal(spawned_pid_runtime(copy), harness_runtime(h));
    assert_story(probe, "i s 1 2 x d");
}

static spawned_status forward_note(spawned_context *context, void *state, void *value) {
    (void)value;
    harness_probe *probe = *(harness_probe **)state;
    probe->result = spawned_context_forward(context, probe->peer);
    return SPAWNED_OK;
}

static spawned_status keep_argument(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(void **)state = argument;
    return SPAWNED_OK;
}

/* C1 */
static void a_forwarded_message_is_handled_by_the_other_actor_with_its_own_context(void **state) {
    harness *h = *state;
    static const spawned_handler handlers[] = {{&harness_tracked_type, forward_note},
                                               {&note_type, forward_note}};
    static const spawned_behavior clerk = {SPAWNED_BEHAVIOR_INIT("clerk"),
                                           .state_size = sizeof(void *), .handler_count = 2,
                                           .handlers = handlers, .init = keep_argument};
    witness seen[3] = {0};
    harness_probe *target = harness_probe_new(h);
    target->on_number = look_in_handler;
    target->data = seen;
    harness_probe *way = harness_probe_new(h);
    way->peer = harness_probe_start(h, target, NULL);
    const spawned_pid pid = harness_start_with(h, &clerk, way);
    assert_ok(harness_send_tracked(h, pid, 5));
    assert_true(harness_probe_wait(target, HARNESS_MESSAGE, 1));
    assert_true(harness_settle(h));
    assert_ok((spawned_status)way->result);
    assert_true(seen[1].self == way->peer);
    assert_story(target, "i s 5");
    assert_int_equal(harness_tracked_destroyed(h), 1);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(a_context_tells_the_actor_its_runtime_and_its_message_at_one_address),
        HARNESS_TEST(a_message_tells_whether_somebody_waits_and_until_when),
        HARNESS_TEST(a_context_is_refused_once_its_handler_has_returned),
        HARNESS_TEST(a_context_is_refused_after_its_actor_and_after_its_runtime),
        HARNESS_TEST(a_context_is_refused_on_another_thread_while_its_handler_runs),
        HARNESS_TEST(a_context_is_refused_to_another_actor),
        HARNESS_TEST(a_context_is_refused_to_the_actor_its_own_one_waits_for),
        HARNESS_TEST(copies_of_a_pid_are_one_address_before_and_after_the_end),
        HARNESS_TEST(a_forwarded_message_is_handled_by_the_other_actor_with_its_own_context),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
