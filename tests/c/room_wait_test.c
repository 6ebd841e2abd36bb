/* Waiting for room in a full mailbox: in circles, given up, released, and while the mailbox's actor ends; and
 * that no way to send gets around the bound. The policies themselves are overflow_test.c. */
#include "support/contract.h"
#include "support/script.h"

#define MS SPAWNED_MILLISECOND

static spawned_pid start_bounded(harness *h, const spawned_behavior *behavior, uint64_t capacity,
                                 spawned_overflow overflow) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.capacity = capacity;
    options.overflow = overflow;
    return harness_start(h, behavior, &options);
}

/* Keeps an actor from its mailbox, on every backend: it awaits the gate. */
typedef struct pause {
    script_gate gate;
    script_wait wait;
    spawned_response *done;
} pause_;

static void pause_begin(pause_ *pause, harness *h, spawned_pid pid) {
    memset(pause, 0, sizeof *pause);
    assert_ok(script_gate_create(h, &pause->gate));
    pause->wait.responses[0] = pause->gate.response;
    pause->wait.count = 1;
    pause->done = script_request_run(pid, script_await, &pause->wait, SPAWNED_FOREVER);
    assert_true(harness_settle(h));
    assert_ok(pause->wait.awaited);
}

static void pause_end(pause_ *pause) {
    assert_ok(script_gate_open(&pause->gate));
    assert_ok(script_finish(pause->done));
    script_gate_release(&pause->gate);
}

static spawned_message *make_gift(harness *h, spawned_pid to, spawned_handler_fn run,
                                  void *argument) {
    const script_gift gift = {{run, argument}, harness_tracked_make(h, 1)};
    spawned_message *message = NULL;
    return spawned_message_create(to, &script_give_type, &gift, &message) == SPAWNED_OK ? message
                                                                                        : NULL;
}

/* Sends what does nothing until there is no room left; never waits. */
static void fill(harness *h, spawned_pid pid) {
    for (;;) {
        spawned_message *message = make_gift(h, pid, script_nothing, NULL);
        if (spawned_message_try_send(message) == SPAWNED_OK) continue;
        spawned_message_destroy(message);
        return;
    }
}

/* An actor that sends to another once there is room there. */
typedef struct sender {
    harness *h;
    spawned_pid to;
    script_wait wait;
    char text[256]; /* of the response */
} sender;

static spawned_status note_text(spawned_context *context, script_wait *wait) {
    (void)context;
    const char *text = NULL;
    size_t length = 0;
    sender *own = wait->data;
    (void)spawned_response_error(wait->responses[0], &text, &length);
    if (length < sizeof own->text) memcpy(own->text, text, length);
    spawned_response_release(wait->responses[0]);
    return SPAWNED_OK;
}

static spawned_status send_when_there_is_room(spawned_context *context, void *state,
                                              void *argument) {
    (void)state;
    sender *own = argument;
    fill(own->h, own->to);
    own->wait.count = 1;
    own->wait.then = note_text;
    own->wait.data = own;
    (void)spawned_message_send_waiting(make_gift(own->h, own->to, script_nothing, NULL),
                                       SPAWNED_FOREVER, &own->wait.responses[0]);
    return script_await_more(context, &own->wait);
}

static spawned_status then_send(spawned_context *context, script_wait *wait) {
    return send_when_there_is_room(context, NULL, wait->data);
}

static const char *const names[] = {"ann", "bert"};

static spawned_pid start_named(harness *h, size_t index) {
    static spawned_behavior named[2];
    named[index] = script_behavior;
    named[index].name = names[index];
    return start_bounded(h, &named[index], 1, SPAWNED_OVERFLOW_BLOCK);
}

/* MB06 */
static void two_that_await_room_in_each_others_mailbox_are_refused_with_their_names(void **state) {
    harness *h = *state;
    const spawned_pid ann = start_named(h, 0), bert = start_named(h, 1);
    static sender first, second;
    first = (sender){.h = h, .to = bert};
    second = (sender){.h = h, .to = ann};
    pause_ pause;
    pause_begin(&pause, h, bert);
    pause.wait.then = then_send;
    pause.wait.data = &second;
    spawned_response *done =
        script_request_run(ann, send_when_there_is_room, &first, SPAWNED_FOREVER);
    assert_true(harness_settle(h)); /* ann waits for room in bert's mailbox */
    assert_int_equal(first.wait.resumed, 0);
    pause_end(&pause); /* bert finds no room in ann's */
    assert_ok(script_finish(done));
    assert_status(second.wait.outcome, SPAWNED_EDEADLK);
    for (size_t i = 0; i < 2; i++) assert_non_null(strstr(second.text, names[i]));
    assert_ok(first.wait.outcome);
    assert_true(harness_settle(h));
    assert_int_equal(harness_stats(h).deadlocks_refused, 1);
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* MB06 */
static void awaiting_room_in_the_own_mailbox_is_a_deadlock_and_says_so(void **state) {
    harness *h = *state;
    static sender own;
    own = (sender){.h = h, .to = start_named(h, 0)};
    assert_ok(script_run(own.to, send_when_there_is_room, &own));
    assert_status(own.wait.outcome, SPAWNED_EDEADLK);
    assert_non_null(strstr(own.text, "ann"));
    assert_ok(script_run(own.to, script_nothing, NULL)); /* it lives on */
    assert_true(harness_settle(h));
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* MB06: one waits for an answer, the other for room */
static void room_that_only_the_requester_can_make_is_a_deadlock(void **state) {
    harness *h = *state;
    const spawned_pid ann = start_named(h, 0), bert = start_named(h, 1);
    static sender answering;
    answering = (sender){.h = h, .to = ann};
    static script_wait asking;
    asking = (script_wait){.count = 1};
    pause_ pause;
    pause_begin(&pause, h, bert);
    asking.responses[0] =
        script_request_run(bert, send_when_there_is_room, &answering, SPAWNED_FOREVER);
    spawned_response *done = script_request_run(ann, script_await, &asking, SPAWNED_FOREVER);
    assert_true(harness_settle(h)); /* ann waits for bert's answer */
    pause_end(&pause);
    assert_ok(script_finish(done));
    assert_true(harness_settle(h));
    assert_status(answering.wait.outcome, SPAWNED_EDEADLK);
    assert_ok(script_finish(asking.responses[0]));
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* MB05: releasing a response never retracts its message, be it a request's or one that waits for room */
static void releasing_the_wait_for_room_retracts_nothing(void **state) {
    harness *h = *state;
    const spawned_pid pid = start_named(h, 0);
    static int64_t handled;
    handled = 0;
    pause_ pause;
    pause_begin(&pause, h, pid);
    fill(h, pid);
    spawned_response *waiting = NULL;
    assert_ok(spawned_message_send_waiting(make_gift(h, pid, script_count, &handled),
                                           SPAWNED_FOREVER, &waiting));
    spawned_response *asking =
        script_request_gift(h, pid, script_count, &handled, 1000 * SPAWNED_SECOND);
    assert_status(spawned_response_poll(waiting), SPAWNED_EAGAIN);
    assert_status(spawned_response_poll(asking), SPAWNED_EAGAIN);
    spawned_response_release(waiting);
    spawned_response_release(asking);
    pause_end(&pause);
    assert_true(harness_settle(h));
    assert_int_equal(handled, 2);
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* MB05 */
static void message_whose_time_is_over_before_there_is_room_is_not_sent(void **state) {
    harness *h = *state;
    const spawned_pid pid = start_named(h, 0);
    static int64_t handled;
    handled = 0;
    pause_ pause;
    pause_begin(&pause, h, pid);
    fill(h, pid);
    spawned_response *waiting = NULL;
    assert_ok(
        spawned_message_send_waiting(make_gift(h, pid, script_count, &handled), MS, &waiting));
    spawned_response *asking = script_request_gift(h, pid, script_count, &handled, MS);
    spawned_response *unread = script_request_gift(h, pid, script_count, &handled, MS);
    assert_status(spawned_response_wait(waiting, SPAWNED_FOREVER), SPAWNED_ETIMEDOUT);
    assert_status(spawned_response_wait(asking, SPAWNED_FOREVER), SPAWNED_ETIMEDOUT);
    assert_true(
        harness_advance(h, MS)); /* the unread one's time began last, and nobody looks at it */
    pause_end(&pause);
    assert_true(harness_settle(h));
    assert_int_equal(handled, 0);
    assert_status(spawned_response_poll(unread), SPAWNED_ETIMEDOUT);
    spawned_response_release(waiting);
    spawned_response_release(asking);
    spawned_response_release(unread);
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

typedef struct thrower {
    pthread_t thread;
    harness *h;
    spawned_pid to;
    spawned_status status; /* of the last send */
    uint64_t accepted;
} thrower;

static void *send_until_refused(void *argument) {
    thrower *own = argument;
    do {
        own->status = harness_send_tracked(own->h, own->to, 1);
        own->accepted += own->status == SPAWNED_OK;
    } while (own->status == SPAWNED_OK);
    return NULL;
}

/* The last messages may reach the queue of an actor that has been joined already; whoever emptied it counts
 * them a moment later. */
typedef struct tally {
    harness *h;
    uint64_t dead_stopped;
} tally;

static bool has_dropped(void *argument) {
    const tally *due = argument;
    return harness_stats(due->h).dead_stopped >= due->dead_stopped &&
           harness_tracked_destroyed(due->h) == harness_tracked_created(due->h);
}

/* MB05 MB08: nobody begins to wait for room that will never come */
static void threads_that_wait_for_room_while_the_actor_ends_all_return(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    enum { ROUNDS = 100, THROWERS = 3 };
    spawned_status (*const ends[])(spawned_pid) = {spawned_actor_stop, spawned_actor_kill};
    for (int round = 0; round < ROUNDS; round++) {
        const spawned_runtime_stats before = harness_stats(h);
        harness_probe *probe = harness_probe_new(h);
        spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
        options.capacity = 1;
        options.overflow = SPAWNED_OVERFLOW_BLOCK;
        const spawned_pid pid = harness_probe_start(h, probe, &options);
        thrower throwers[THROWERS];
        for (size_t i = 0; i < THROWERS; i++) {
            throwers[i] = (thrower){.h = h, .to = pid};
            assert_int_equal(pthread_create(&throwers[i].thread, NULL, send_until_refused,
                                            &throwers[i]),
                             0);
        }
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, (size_t)(round % 5)));
        assert_ok(ends[round % 2](pid));
        assert_ok(spawned_actor_join(pid, HARNESS_LONG));
        uint64_t accepted = 0;
        for (size_t i = 0; i < THROWERS; i++) {
            assert_int_equal(pthread_join(throwers[i].thread, NULL), 0);
            assert_status(throwers[i].status, SPAWNED_ESTOPPED);
            accepted += throwers[i].accepted;
        }
        const uint64_t handled = harness_probe_count(probe, HARNESS_MESSAGE);
        tally due = {h, before.dead_stopped + accepted - handled};
        assert_true(harness_wait_until(h, has_dropped, &due));
        const spawned_runtime_stats after = harness_stats(h);
        assert_int_equal(after.messages_sent - before.messages_sent, accepted);
        assert_int_equal(after.dead_stopped, due.dead_stopped);
        assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
    }
}

/* MB03 */
static void every_way_to_send_meets_the_bound(void **state) {
    harness *h = *state;
    const spawned_pid pid = start_bounded(h, &script_behavior, 2, SPAWNED_OVERFLOW_REJECT);
    static int64_t handled;
    handled = 0;
    pause_ pause;
    pause_begin(&pause, h, pid);
    fill(h, pid);
    const script_gift gift = {{script_count, &handled}, harness_tracked_make(h, 1)};
    assert_status(spawned_send(pid, &script_give_type, &gift), SPAWNED_EFULL);
    assert_status(spawned_message_send(make_gift(h, pid, script_count, &handled)), SPAWNED_EFULL);
    spawned_message *tried = make_gift(h, pid, script_count, &handled);
    assert_status(spawned_message_try_send(tried), SPAWNED_EFULL);
    spawned_message_destroy(tried);
    spawned_message *many[] = {make_gift(h, pid, script_count, &handled),
                               make_gift(h, pid, script_count, &handled)};
    size_t accepted = 7;
    assert_status(spawned_message_send_many(many, 2, &accepted), SPAWNED_EFULL);
    assert_int_equal(accepted, 0);
    const script_gift asked = {{script_count, &handled}, harness_tracked_make(h, 1)};
    harness_tracked answer;
    assert_status(spawned_request(pid, &script_give_type, &asked, HARNESS_LONG, &answer),
                  SPAWNED_EFULL);
    assert_status(script_finish(
                      script_request_gift(h, pid, script_count, &handled, SPAWNED_FOREVER)),
                  SPAWNED_EFULL);
    spawned_response *waiting = NULL;
    assert_status(spawned_message_send_waiting(make_gift(h, pid, script_count, &handled),
                                               SPAWNED_FOREVER, &waiting),
                  SPAWNED_EFULL);
    spawned_response_release(waiting);
    pause_end(&pause);
    assert_true(harness_settle(h));
    assert_int_equal(handled, 0);
    assert_int_equal(harness_tracked_destroyed(h), harness_tracked_created(h));
}

/* Sends to itself until refused; result: how often that was OK, data: the refusal. */
static spawned_status fill_oneself(spawned_context *context, harness_probe *probe) {
    spawned_status status = SPAWNED_OK;
    int64_t sent = 0;
    for (; status == SPAWNED_OK; sent++)
        status = harness_send_number(spawned_context_self(context), (uint64_t)sent);
    *(spawned_status *)probe->data = status;
    probe->result = sent - 1;
    return SPAWNED_OK;
}

/* LC03 MB06 */
static void started_that_fills_its_own_mailbox_is_told_so_and_goes_on(void **state) {
    harness *h = *state;
    static const spawned_overflow policies[] = {SPAWNED_OVERFLOW_REJECT, SPAWNED_OVERFLOW_BLOCK};
    for (size_t i = 0; i < 2; i++) {
        static spawned_status refusal;
        harness_probe *probe = harness_probe_new(h);
        probe->on_started = fill_oneself;
        probe->data = &refusal;
        spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
        options.capacity = 3;
        options.overflow = policies[i];
        const spawned_pid pid = harness_probe_start(h, probe, &options);
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 3));
        assert_status(refusal, SPAWNED_EFULL);
        assert_int_equal(probe->result, 3);
        assert_true(harness_settle(h));
        assert_ok(harness_send_number(pid, 9));
        assert_true(harness_probe_wait(probe, HARNESS_MESSAGE, 4));
        assert_story(probe, "i s 0 1 2 9");
    }
}

int main(int argc, char **argv) {
    static const struct CMUnitTest tests[] = {
        HARNESS_TEST(two_that_await_room_in_each_others_mailbox_are_refused_with_their_names),
        HARNESS_TEST(awaiting_room_in_the_own_mailbox_is_a_deadlock_and_says_so),
        HARNESS_TEST(room_that_only_the_requester_can_make_is_a_deadlock),
        HARNESS_TEST(releasing_the_wait_for_room_retracts_nothing),
        HARNESS_TEST(message_whose_time_is_over_before_there_is_room_is_not_sent),
        HARNESS_TEST(threads_that_wait_for_room_while_the_actor_ends_all_return),
        HARNESS_TEST(every_way_to_send_meets_the_bound),
        HARNESS_TEST(started_that_fills_its_own_mailbox_is_told_so_and_goes_on),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
