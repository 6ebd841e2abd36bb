/* Waiting in a circle: refused at once, with the names of the circle; and the waits that only look
 * like one. On a host no handler waits.
 * modes: deterministic pool blocking thread */
#include "support/contract.h"
#include "support/script.h"

enum { MOST = 5 };

/* One actor of a ring. Each asks the next; the last closes the ring. */
struct member {
    spawned_pid pid;
    struct member *next;
    bool awaits;
    int visits;
    spawned_status status; /* of asking the next */
    char text[512];        /* of the response */
    script_wait wait;
};

/* A number to who asked for one. */
static spawned_status answer(spawned_context *context) {
    const int64_t number = 1;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    (void)spawned_context_message(context, &info);
    return spawned_reply(context, info.type->reply == NULL ? NULL : &number);
}

static void note(struct member *member, spawned_response *response) {
    const char *text = NULL;
    size_t length = 0;
    member->status = spawned_response_error(response, &text, &length);
    if (length < sizeof member->text) memcpy(member->text, text, length);
    spawned_response_release(response);
}

static spawned_status note_and_answer(spawned_context *context, script_wait *wait) {
    note(wait->data, wait->responses[0]);
    return answer(context);
}

static spawned_status ask_next(spawned_context *context, void *state, void *argument) {
    struct member *member = argument;
    if (member->visits++ > 0) return answer(context); /* the refused request, handled later */
    spawned_response *response =
        script_request(member->next->pid, ask_next, member->next, SPAWNED_FOREVER);
    if (member->awaits) {
        member->wait.responses[0] = response;
        member->wait.count = 1;
        member->wait.then = note_and_answer;
        member->wait.data = member;
        return script_await(context, state, &member->wait);
    }
    (void)spawned_response_wait(response, SPAWNED_FOREVER);
    note(member, response);
    return answer(context);
}

/* awaits: one bit for each member */
static void ring(harness *h, size_t count, unsigned awaits) {
    static const char *const names[MOST] = {"ann", "bert", "cora", "dirk", "emma"};
    struct member members[MOST];
    memset(members, 0, sizeof members);
    for (size_t i = 0; i < count; i++) {
        members[i].pid = script_start_named(h, i);
        members[i].next = &members[(i + 1) % count];
        members[i].awaits = (awaits >> i & 1) != 0;
    }
    int64_t number = 0;
    const uint64_t refused = harness_stats(h).deadlocks_refused;
    assert_ok(script_ask(members[0].pid, ask_next, &members[0], &number));
    for (size_t i = 0; i < count; i++) /* all live, and have handled what there was */
        assert_ok(script_run(members[i].pid, script_nothing, NULL));
    /* Whoever came to wait last is told; two that came at once may both be. */
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        if (members[i].status == SPAWNED_EDEADLK) {
            told++;
            for (size_t k = 0; k < count; k++) assert_non_null(strstr(members[i].text, names[k]));
        } else {
            assert_ok(members[i].status);
            assert_string_equal(members[i].text, "");
        }
        assert_true(harness_log_count(h, SPAWNED_LOG_WARNING, names[i]) > 0);
    }
    assert_in_range(told, 1, harness_is_deterministic(h) || count == 1 ? 1 : 2);
    assert_int_equal(harness_stats(h).deadlocks_refused, refused + told);
}

/* RQ09 */
static void ring_of_two_that_block_is_refused_with_its_names(void **state) { ring(*state, 2, 0); }

static void ring_of_two_that_await_is_refused_with_its_names(void **state) { ring(*state, 2, 3); }

static void ring_of_two_that_block_and_await_is_refused_with_its_names(void **state) {
    ring(*state, 2, 1);
    ring(*state, 2, 2);
}

static void ring_of_five_that_block_is_refused_with_its_names(void **state) { ring(*state, 5, 0); }

static void ring_of_five_that_await_is_refused_with_its_names(void **state) { ring(*state, 5, 31); }

static void ring_of_five_that_block_and_await_is_refused_with_its_names(void **state) {
    ring(*state, 5, 10);
}

/* RQ08, R8 */
static void waiting_for_an_answer_of_oneself_is_refused_at_once(void **state) {
    ring(*state, 1, 0);
    ring(*state, 1, 1);
}

struct selfish {
    harness *h;
    int visits;
    spawned_status status[2];
};

static spawned_status ask_oneself(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct selfish *selfish = argument;
    if (selfish->visits++ > 0) return SPAWNED_OK;
    const spawned_pid self = spawned_context_self(context);
    const script_gift gift = {{ask_oneself, selfish}, harness_tracked_make(selfish->h, 1)};
    harness_tracked taken;
    selfish->status[0] = spawned_request(self, &script_give_type, &gift, HARNESS_LONG, &taken);
    selfish->status[1] = spawned_actor_join(self, SPAWNED_FOREVER);
    return SPAWNED_OK;
}

/* RQ08, R8, ST8 */
static void request_to_oneself_is_refused_before_it_is_sent(void **state) {
    harness *h = *state;
    struct selfish selfish = {.h = h};
    const spawned_pid actor = script_start_named(h, 0);
    assert_ok(script_run(actor, ask_oneself, &selfish));
    assert_status(selfish.status[0], SPAWNED_EDEADLK);
    assert_status(selfish.status[1], SPAWNED_EDEADLK);
    assert_ok(script_run(actor, script_nothing, NULL));
    assert_int_equal(selfish.visits, 1);
    assert_int_equal(harness_tracked_destroyed(h), 1);
    assert_true(harness_log_count(h, SPAWNED_LOG_WARNING, "ann") > 0);
}

static spawned_status ask_oneself_in_stopped(spawned_context *context, harness_probe *probe) {
    const uint64_t number = 1;
    uint64_t taken = 0;
    atomic_store(&probe->result, spawned_request(spawned_context_self(context), &harness_ask_type,
                                                 &number, SPAWNED_FOREVER, &taken));
    return SPAWNED_OK;
}

/* R9 */
static void request_to_oneself_from_stopped_does_not_hang(void **state) {
    harness *h = *state;
    harness_probe *probe = harness_probe_new(h);
    probe->on_stopped = ask_oneself_in_stopped;
    const spawned_pid actor = harness_probe_start(h, probe, NULL);
    assert_ok(spawned_actor_stop(actor));
    assert_ok(spawned_actor_join(actor, SPAWNED_FOREVER));
    const spawned_status status = (spawned_status)probe->result;
    assert_true(status == SPAWNED_EDEADLK || status == SPAWNED_ESTOPPED);
}

struct joiner {
    spawned_pid to;
    spawned_status status;
};

static spawned_status join_other(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct joiner *joiner = argument;
    joiner->status = spawned_actor_join(joiner->to, SPAWNED_FOREVER);
    return answer(context);
}

struct asker {
    spawned_pid to;
    spawned_handler_fn run;
    void *argument;
    spawned_status status;
};

static spawned_status ask_other(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct asker *asker = argument;
    int64_t number = 0;
    asker->status = script_ask(asker->to, asker->run, asker->argument, &number);
    return answer(context);
}

/* ST8 */
static void joining_an_actor_that_waits_for_oneself_is_refused(void **state) {
    harness *h = *state;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1);
    struct joiner joiner = {ann, SPAWNED_EAGAIN};
    struct asker asker = {bert, join_other, &joiner, SPAWNED_EAGAIN};
    script_hold hold;
    const bool held = !harness_is_alone(h); /* there ann waits before bert runs in any case */
    if (held) assert_ok(script_hold_begin(&hold, h, bert));
    spawned_response *done = script_request_run(ann, ask_other, &asker, SPAWNED_FOREVER);
    if (held) {
        assert_true(harness_settle(h)); /* ann waits for bert */
        assert_ok(script_hold_end(&hold));
    }
    assert_ok(script_finish(done));
    if (held) script_hold_release(&hold);
    assert_status(joiner.status, SPAWNED_EDEADLK);
    assert_ok(asker.status);
}

/* A detached request is waited for, but not by its actor. */
static void detached_request_closes_no_circle(void **state) {
    harness *h = *state;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1);
    spawned_reply_to kept = 0;
    int64_t number = 6;
    struct asker first = {bert, script_detach, &kept, SPAWNED_EAGAIN};
    spawned_response *ann_done = script_request_run(ann, ask_other, &first, SPAWNED_FOREVER);
    assert_true(harness_settle(h)); /* ann waits, bert is idle */
    assert_ok(script_run(bert, script_nothing, NULL));
    struct asker second = {ann, script_reply_number, &number, SPAWNED_EAGAIN};
    spawned_response *bert_done = script_request_run(bert, ask_other, &second, SPAWNED_FOREVER);
    assert_true(harness_settle(h)); /* bert waits for ann, who waits for this test */
    assert_ok(spawned_reply_to_send(kept, &number));
    assert_ok(script_finish(ann_done));
    assert_ok(script_finish(bert_done));
    assert_ok(first.status);
    assert_ok(second.status);
    assert_int_equal(harness_stats(h).deadlocks_refused, 0);
}

struct postman {
    spawned_pid to;
    spawned_handler_fn then;
    void *argument;
    bool passed;
};

static spawned_status pass_on(spawned_context *context, void *state, void *argument) {
    struct postman *postman = argument;
    if (postman->passed) return postman->then(context, state, postman->argument);
    postman->passed = true;
    return spawned_context_forward(context, postman->to);
}

/* A forwarded request is waited for at the actor that has it. */
static void forwarded_request_closes_no_circle_with_the_actor_that_forwarded_it(void **state) {
    harness *h = *state;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1),
                      cora = script_start_named(h, 2);
    spawned_reply_to kept = 0;
    int64_t number = 6;
    struct postman postman = {cora, script_detach, &kept, false};
    struct asker first = {bert, pass_on, &postman, SPAWNED_EAGAIN};
    spawned_response *ann_done = script_request_run(ann, ask_other, &first, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(script_run(cora, script_nothing, NULL));
    struct asker second = {ann, script_reply_number, &number, SPAWNED_EAGAIN};
    spawned_response *bert_done = script_request_run(bert, ask_other, &second, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(spawned_reply_to_send(kept, &number));
    assert_ok(script_finish(ann_done));
    assert_ok(script_finish(bert_done));
    assert_ok(second.status);
    assert_int_equal(harness_stats(h).deadlocks_refused, 0);
}

static void forwarded_request_closes_a_circle_with_the_actor_that_has_it(void **state) {
    harness *h = *state;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1),
                      cora = script_start_named(h, 2);
    int64_t number = 6;
    struct asker closing = {ann, script_reply_number, &number, SPAWNED_EAGAIN};
    struct postman postman = {cora, ask_other, &closing, false};
    struct asker first = {bert, pass_on, &postman, SPAWNED_EAGAIN};
    assert_ok(script_run(ann, ask_other, &first));
    assert_status(closing.status, SPAWNED_EDEADLK);
    assert_ok(first.status);
    assert_ok(script_run(ann, script_nothing, NULL));
}

/* An await of several goes on with any of them, so no single one of them closes a circle. */
static void await_of_several_closes_no_circle(void **state) {
    harness *h = *state;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1);
    int64_t number = 6;
    script_gate gate;
    assert_ok(script_gate_create(h, &gate));
    struct asker asker = {ann, script_reply_number, &number, SPAWNED_EAGAIN};
    script_wait wait = {.count = 2};
    wait.responses[0] = script_request(bert, ask_other, &asker, SPAWNED_FOREVER);
    wait.responses[1] = gate.response;
    spawned_response *done = script_request_run(ann, script_await, &wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(script_gate_open(&gate));
    assert_ok(script_finish(done));
    assert_ok(script_finish(wait.responses[0]));
    assert_ok(asker.status);
    script_gate_release(&gate);
}

struct impatient {
    spawned_pid bert;
    struct asker closing;
    spawned_status first, told, second;
};

static spawned_status ask_in_vain_then_again(spawned_context *context, void *state,
                                             void *argument) {
    (void)context, (void)state;
    struct impatient *impatient = argument;
    const script_act ask = {script_nothing, NULL};
    int64_t number = 0;
    impatient->first =
        spawned_request(impatient->bert, &script_ask_type, &ask, 10 * SPAWNED_MILLISECOND, &number);
    impatient->told = script_tell(impatient->bert, ask_other, &impatient->closing);
    impatient->second =
        spawned_request(impatient->bert, &script_ask_type, &ask, HARNESS_LONG, &number);
    return SPAWNED_OK;
}

/* bert ends the wait that ann gave up before he asks her; the one she is in still stands */
static void late_answer_to_a_request_given_up_hides_no_circle(void **state) {
    harness *h = *state;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1);
    struct impatient impatient = {.bert = bert, .closing = {ann, script_nothing, NULL, 0}};
    script_hold hold;
    assert_ok(script_hold_begin(&hold, h, bert));
    spawned_response *done =
        script_request_run(ann, ask_in_vain_then_again, &impatient, SPAWNED_FOREVER);
    const spawned_time before = harness_now(h);
    assert_true(harness_advance(h, 15 * SPAWNED_MILLISECOND)); /* ann waits once more */
    assert_ok(script_hold_end(&hold));
    assert_ok(script_finish(done));
    assert_status(impatient.first, SPAWNED_ETIMEDOUT);
    assert_ok(impatient.told);
    assert_status(impatient.second, SPAWNED_ENOREPLY);
    assert_status(impatient.closing.status, SPAWNED_EDEADLK);
    assert_true(harness_now(h) - before < HARNESS_LONG);
    script_hold_release(&hold);
}

static spawned_status ask_once(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct member *member = argument;
    int64_t number = 0;
    member->status = script_ask(member->next->pid, script_nothing, NULL, &number);
    return answer(context);
}

/* RQ09: two closers at once */
static void two_that_ask_each_other_at_once_never_both_hang(void **state) {
    harness *h = *state;
    const int rounds = harness_is_deterministic(h) ? 30 : 300;
    const spawned_pid ann = script_start_named(h, 0), bert = script_start_named(h, 1);
    for (int i = 0; i < rounds; i++) {
        struct member members[2];
        memset(members, 0, sizeof members);
        members[0].pid = ann, members[0].next = &members[1];
        members[1].pid = bert, members[1].next = &members[0];
        spawned_response *one = script_request(ann, ask_once, &members[0], SPAWNED_FOREVER);
        spawned_response *two = script_request(bert, ask_once, &members[1], SPAWNED_FOREVER);
        assert_ok(script_finish(one));
        assert_ok(script_finish(two));
        for (int k = 0; k < 2; k++) {
            assert_true(members[k].status == SPAWNED_EDEADLK ||
                        members[k].status == SPAWNED_ENOREPLY);
        }
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(ring_of_two_that_block_is_refused_with_its_names),
        HARNESS_TEST(ring_of_two_that_await_is_refused_with_its_names),
        HARNESS_TEST(ring_of_two_that_block_and_await_is_refused_with_its_names),
        HARNESS_TEST(ring_of_five_that_block_is_refused_with_its_names),
        HARNESS_TEST(ring_of_five_that_await_is_refused_with_its_names),
        HARNESS_TEST(ring_of_five_that_block_and_await_is_refused_with_its_names),
        HARNESS_TEST(waiting_for_an_answer_of_oneself_is_refused_at_once),
        HARNESS_TEST(request_to_oneself_is_refused_before_it_is_sent),
        HARNESS_TEST(request_to_oneself_from_stopped_does_not_hang),
        HARNESS_TEST(joining_an_actor_that_waits_for_oneself_is_refused),
        HARNESS_TEST(detached_request_closes_no_circle),
        HARNESS_TEST(forwarded_request_closes_no_circle_with_the_actor_that_forwarded_it),
        HARNESS_TEST(forwarded_request_closes_a_circle_with_the_actor_that_has_it),
        HARNESS_TEST(await_of_several_closes_no_circle),
        HARNESS_TEST(late_answer_to_a_request_given_up_hides_no_circle),
        HARNESS_TEST(two_that_ask_each_other_at_once_never_both_hang),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
