/* A forked child: every call on a runtime of the parent is refused at once, whatever the threads that are
 * not there were doing; a new runtime works; the parent goes on. timeout: 120 */
#include <spawned/uv.h>

#include "support/contract.h"
#include "support/script.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__)
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }
#endif

enum { CHILD_LIMIT = 60, UNSENT = 8 };

static const spawned_message_type ended_type = SPAWNED_MESSAGE_TYPE("fork.ended", spawned_ended);
static const spawned_message_type changed_type =
    SPAWNED_MESSAGE_TYPE("fork.changed", spawned_group_change);

/* What the parent had at the moment of the fork. */
typedef struct inheritance {
    spawned_runtime *runtime;
    spawned_host *host; /* NULL where there is none */
    spawned_pid pid;
    spawned_reply_to reply;
    spawned_timer timer;
    spawned_token token;
    spawned_event event;
    spawned_response *pending, *ready;
    spawned_message *unsent[UNSENT];
    spawned_listener *listener;
    spawned_task_group *group;
    spawned_context *context; /* of the handler that forks; NULL outside */
} inheritance;

static int wrong; /* in the child */

static void expect(const char *call, spawned_status seen, spawned_status wanted) {
    if (seen == wanted) return;
    wrong++;
    fprintf(stderr, "in the child: %s is %s (%d)\n", call, spawned_status_name(seen), (int)seen);
}
#define FORKED(call) expect(#call, call, SPAWNED_EFORKED)
#define EXPECT(condition) expect(#condition, (condition) ? SPAWNED_OK : SPAWNED_EFAILED, SPAWNED_OK)

static void visit_nothing(const char *name, size_t length, spawned_pid pid, void *user_data) {
    (void)name, (void)length, (void)pid, (void)user_data;
}
static void no_bell(void *user_data) { (void)user_data; }
static spawned_status never_resumed(spawned_context *context, void *state, size_t ready,
                                    void *user_data) {
    (void)context, (void)state, (void)ready, (void)user_data;
    return SPAWNED_OK;
}

static void no_function(struct uv_loop_s *loop, void *user_data) { (void)loop, (void)user_data; }

static void use_hosts_and_loops(const inheritance *of) {
    spawned_duration next = 0;
    int32_t descriptor = -1;
    spawned_host *host = NULL;
    struct uv_loop_s *loop = NULL;
    FORKED(spawned_host_create(of->runtime, NULL, &host));
    FORKED(spawned_uv_submit(of->runtime, no_function, NULL));
    FORKED(spawned_uv_loop(of->runtime, &loop));
    if (of->host == NULL) return;
    FORKED(spawned_host_run(of->host, 0, SPAWNED_FOREVER, SPAWNED_FOREVER, &next));
    FORKED(spawned_host_next(of->host, &next));
    FORKED(spawned_host_wake(of->host));
    FORKED(spawned_host_descriptor(of->host, &descriptor));
    FORKED(spawned_host_adopt(of->host));
    FORKED(spawned_uv_host_keep(of->host, 1));
}

static void use_the_runtime(const inheritance *of) {
    spawned_runtime *rt = of->runtime;
    size_t count = 0;
    spawned_pid pid = 0;
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    spawned_time now = 0;
    const spawned_message_type *type = NULL;
    const spawned_behavior *behavior = NULL;
    int64_t number = 1;
    spawned_token token = 0;
    spawned_reply_to reply = 0;
    spawned_response *response = NULL;
    FORKED(spawned_runtime_shutdown(rt, SPAWNED_FOREVER));
    FORKED(spawned_runtime_busy(rt, NULL, 0, 0, &count));
    FORKED(spawned_runtime_stats_get(rt, &stats));
    FORKED(spawned_runtime_now(rt, &now));
    FORKED(spawned_actor_start(rt, &script_behavior, NULL, &pid));
    FORKED(spawned_actor_start_linked(rt, &script_behavior, NULL, of->pid, &pid));
    FORKED(spawned_actor_start_monitored(rt, &script_behavior, NULL, of->pid, &ended_type, 0, &pid,
                                         NULL));
    FORKED(spawned_behavior_create(rt, &script_behavior, &behavior));
    FORKED(spawned_message_type_create(rt, &script_number_type, &type));
    FORKED(spawned_promise_create(rt, &script_number_type, SPAWNED_FOREVER, &reply, &response));
    FORKED(spawned_response_poll(response));
    spawned_response_release(response);
    FORKED(spawned_sleep(rt, SPAWNED_SECOND, &response));
    spawned_response_release(response);
    FORKED(spawned_token_create(rt, 0, &token));
    FORKED(spawned_registry_whereis(rt, "name", 4, &pid));
    FORKED(spawned_registry_put(rt, "value", 5, &script_number_type, &number, 0));
    FORKED(spawned_registry_get(rt, "value", 5, &script_number_type, &number));
    FORKED(spawned_registry_send(rt, "name", 4, &script_number_type, &number));
    FORKED(spawned_registry_request(rt, "name", 4, &script_number_type, &number, 0, NULL));
    FORKED(spawned_group_members(rt, "group", 5, NULL, 0, &count));
    FORKED(spawned_group_broadcast(rt, "group", 5, &script_number_type, &number, NULL, NULL));
    FORKED(spawned_registry_unregister(rt, "name", 4));
    FORKED(spawned_registry_list(rt, visit_nothing, NULL));
    FORKED(spawned_deterministic_step(rt));
    FORKED(spawned_deterministic_run(rt, 0, NULL));
    FORKED(spawned_deterministic_advance(rt, SPAWNED_SECOND));
    FORKED(spawned_deterministic_choose(rt, 2, &now));
    FORKED(spawned_deterministic_digest(rt, &now));
    expect("destroy", spawned_runtime_destroy(rt), SPAWNED_OK); /* frees nothing */
    FORKED(spawned_runtime_now(rt, &now));
}

static void use_numbers(const inheritance *of) {
    const spawned_pid pid = of->pid;
    int64_t number = 1;
    void *storage = NULL;
    spawned_message *message = NULL;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    spawned_response *response = NULL;
    spawned_token token = 0;
    FORKED(spawned_send(pid, &script_number_type, &number));
    FORKED(spawned_request(pid, &script_number_type, &number, SPAWNED_FOREVER, NULL));
    FORKED(spawned_message_create(pid, &script_number_type, &number, &message));
    FORKED(spawned_message_reserve(pid, &script_number_type, 0, &message, &storage));
    FORKED(spawned_actor_stop(pid));
    FORKED(spawned_actor_drain(pid, SPAWNED_DEFAULT));
    FORKED(spawned_actor_kill(pid));
    FORKED(spawned_actor_join(pid, SPAWNED_FOREVER));
    FORKED(spawned_actor_exit_reason(pid, &exit, NULL, 0));
    FORKED(spawned_actor_handles(pid, &script_number_type));
    FORKED(spawned_actor_end_response(pid, SPAWNED_FOREVER, &response));
    spawned_response_release(response);
    FORKED(spawned_registry_register("mine", 4, pid));
    FORKED(spawned_group_join("group", 5, pid));
    FORKED(spawned_group_leave("group", 5, pid));
    FORKED(spawned_group_subscribe("group", 5, pid, &changed_type, 0, NULL));
    EXPECT(spawned_pid_runtime(pid) == NULL);
    FORKED(spawned_reply_to_is_wanted(of->reply));
    FORKED(spawned_reply_to_send(of->reply, &number));
    FORKED(spawned_reply_to_reserve(of->reply, 0, &storage));
    FORKED(spawned_reply_to_commit(of->reply));
    FORKED(spawned_reply_to_fail(of->reply, 7, NULL, 0));
    FORKED(spawned_reply_to_release(of->reply));
    FORKED(spawned_timer_cancel(of->timer));
    FORKED(spawned_token_of_actor(pid, &token));
    FORKED(spawned_token_cancel(of->token));
    EXPECT(spawned_token_is_cancelled(of->token) == 1);
    FORKED(spawned_token_on_cancel(of->token, no_bell, NULL, NULL));
    FORKED(spawned_token_response(of->token, SPAWNED_FOREVER, &response));
    spawned_response_release(response);
    FORKED(spawned_event_cancel(of->event));
    FORKED(spawned_link(pid, pid));
    FORKED(spawned_unlink(pid, pid));
    exit.kind = SPAWNED_EXIT_SHUTDOWN;
    FORKED(spawned_actor_exit(pid, &exit, NULL, 0));
    FORKED(spawned_monitor(pid, pid, &ended_type, 0, NULL));
}

static void use_messages_and_responses(const inheritance *of) {
    spawned_message *const *unsent = of->unsent;
    spawned_response *response = NULL;
    void *value = NULL;
    size_t size = 0;
    const char *text = NULL;
    int64_t number = 0;
    FORKED(spawned_message_set_deadline(unsent[0], 1));
    FORKED(spawned_message_set_wait(unsent[0], 1));
    FORKED(spawned_message_try_send(unsent[0]));
    FORKED(spawned_message_send(unsent[0]));
    FORKED(spawned_message_send_many(&unsent[1], 1, &size));
    FORKED(spawned_message_request(unsent[2], SPAWNED_FOREVER, &response));
    FORKED(spawned_response_wait(response, SPAWNED_FOREVER));
    FORKED(spawned_message_send_waiting(unsent[3], SPAWNED_FOREVER, &response));
    FORKED(spawned_send_after(1, unsent[4], NULL));
    FORKED(spawned_send_interval(1, unsent[5], NULL));
    FORKED(spawned_send_on_end(of->pid, unsent[6], NULL));
    FORKED(spawned_send_on_cancel(of->token, unsent[7], NULL));
    for (int i = 0; i < 2; i++) {
        response = i == 0 ? of->pending : of->ready;
        FORKED(spawned_response_poll(response));
        FORKED(spawned_response_wait(response, SPAWNED_FOREVER));
        FORKED(spawned_response_value(response, &value, &size));
        FORKED(spawned_response_take(response, &number));
        FORKED(spawned_response_error(response, &text, &size));
        FORKED(spawned_response_bell(response, no_bell, NULL));
        FORKED(spawned_response_bell(response, NULL, NULL));
        spawned_response_release(response);
    }
}

static spawned_status no_item(void *user_data, void *value) {
    (void)user_data, (void)value;
    return SPAWNED_ENOENT;
}

static void use_listeners(const inheritance *of) {
    spawned_listener *listener = NULL;
    spawned_response *response = NULL;
    struct uv_stream_s *stream = (struct uv_stream_s *)(uintptr_t)of; /* not looked at */
    FORKED(spawned_listen(of->pid, &script_number_type, no_item, NULL, no_bell, 0, &response));
    spawned_response_release(response);
    FORKED(spawned_listen_descriptor(of->pid, &script_number_type, 0, no_item, NULL, NULL, 0,
                                     &response));
    FORKED(spawned_uv_listen(of->pid, &script_number_type, stream, NULL, NULL, NULL, 0, &response));
    FORKED(spawned_listener_create(of->pid, 0, NULL, NULL, NULL, &listener, &response));
    FORKED(spawned_listener_push(of->listener, of->unsent[0]));
    spawned_listener_end(of->listener, SPAWNED_OK, NULL, 0); /* frees nothing */
}

static void use_task_groups(const inheritance *of) {
    spawned_task_group *group = NULL;
    spawned_response *response = NULL;
    FORKED(spawned_task_group_create(of->runtime, 0, &group));
    FORKED(spawned_task_group_start(of->group, NULL, no_item, NULL, no_bell));
    FORKED(spawned_task_group_add(of->group, spawned_response_of_error(SPAWNED_EFULL)));
    FORKED(spawned_task_group_join(of->group, 0, SPAWNED_DEFAULT, &response));
    spawned_response_release(response);
    EXPECT(spawned_task_group_token(of->group) != 0);
    EXPECT(spawned_task_group_response(of->group, 0) == NULL);
    spawned_task_group_release(of->group); /* frees nothing */
}

static void use_the_context(const inheritance *of) {
    spawned_context *context = of->context;
    if (context == NULL) return;
    spawned_message_info info = SPAWNED_MESSAGE_INFO_INIT;
    spawned_reply_to reply = 0;
    void *storage = NULL;
    const int64_t number = 1;
    EXPECT(spawned_context_self(context) == 0);
    EXPECT(spawned_context_runtime(context) == NULL);
    FORKED(spawned_context_message(context, &info));
    FORKED(spawned_context_stop(context));
    FORKED(spawned_context_forward(context, of->pid));
    FORKED(spawned_context_trap_exits(context, &ended_type));
    FORKED(spawned_context_forget_monitor(context, of->event));
    FORKED(spawned_reply(context, &number));
    FORKED(spawned_reply_reserve(context, 0, &storage));
    FORKED(spawned_reply_commit(context));
    FORKED(spawned_reply_fail(context, 7, NULL, 0));
    FORKED(spawned_reply_detach(context, &reply));
    FORKED(spawned_await(context, (spawned_response *const *)&of->pending, 1, never_resumed, NULL,
                         NULL));
    EXPECT(spawned_fail(7, "words", 5) == 7);
}

static void use_a_new_runtime(bool deterministic) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.flags = deterministic ? SPAWNED_RUNTIME_DETERMINISTIC : 0;
    options.workers = 2;
    spawned_runtime *runtime = NULL;
    expect("create", spawned_runtime_create(&options, &runtime), SPAWNED_OK);
    for (spawned_backend where = SPAWNED_BACKEND_POOL; where <= SPAWNED_BACKEND_THREAD; where++) {
        spawned_actor_options how = SPAWNED_ACTOR_OPTIONS_INIT;
        how.backend = where;
        spawned_pid pid = 0;
        expect("start", spawned_actor_start(runtime, &script_behavior, &how, &pid), SPAWNED_OK);
        int64_t number = 42, answer = 0;
        expect("ask", script_ask(pid, script_reply_number, &number, &answer), SPAWNED_OK);
        EXPECT(answer == 42);
    }
    expect("destroy", spawned_runtime_destroy(runtime), SPAWNED_OK);
}

/* Says through the pipe how many calls were wrong, and leaves without ado: no exit handler, and no leak
 * report about what threads of the parent knew. */
static void be_the_child(const inheritance *of, bool deterministic, int to_parent) {
    alarm(CHILD_LIMIT);
    use_numbers(of);
    use_listeners(of);
    use_task_groups(of);
    use_messages_and_responses(of);
    use_the_context(of);
    use_hosts_and_loops(of);
    use_the_runtime(of);
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    use_a_new_runtime(deterministic); /* the sanitizers' own state does not survive such a fork */
#else
    (void)use_a_new_runtime, (void)deterministic;
#endif
    const unsigned char result = wrong > 255 ? 255 : (unsigned char)wrong;
    if (write(to_parent, &result, 1) == 1) (void)kill(getpid(), SIGKILL);
    _exit(1);
}

/* The number of wrong calls in a child; -1 when it did not get to the end of them. */
static int run_child(const inheritance *of, bool deterministic) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) be_the_child(of, deterministic, ends[1]);
    close(ends[1]);
    unsigned char result = 0;
    ssize_t got;
    do got = read(ends[0], &result, 1);
    while (got < 0 && errno == EINTR);
    close(ends[0]);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || got != 1) return -1;
    return result;
}

static void inherit(inheritance *of, harness *h) {
    *of = (inheritance){.runtime = harness_runtime(h),
                        .host = harness_host(h),
                        .pid = script_start(h)};
    assert_ok(spawned_registry_register("name", 4, of->pid));
    assert_ok(spawned_token_create(of->runtime, 0, &of->token));
    for (int i = 0; i < UNSENT; i++) {
        const int64_t number = i;
        assert_ok(spawned_message_create(of->pid, &script_number_type, &number, &of->unsent[i]));
    }
    spawned_message *later = NULL;
    const script_act act = {script_nothing, NULL};
    assert_ok(spawned_message_create(of->pid, &script_tell_type, &act, &later));
    assert_ok(spawned_send_after(SPAWNED_FOREVER / 4, later, &of->timer));
    assert_ok(spawned_message_create(of->pid, &script_tell_type, &act, &later));
    assert_ok(spawned_send_on_cancel(of->token, later, &of->event));
    assert_ok(spawned_promise_create(of->runtime, &script_number_type, SPAWNED_FOREVER, &of->reply,
                                     &of->pending));
    int64_t number = 5;
    of->ready = script_request(of->pid, script_reply_number, &number, SPAWNED_FOREVER);
    assert_ok(spawned_response_wait(of->ready, SPAWNED_FOREVER));
    spawned_response *response = NULL;
    assert_ok(spawned_task_group_create(of->runtime, 0, &of->group));
    assert_ok(spawned_listener_create(of->pid, 0, NULL, NULL, NULL, &of->listener, &response));
    spawned_response_release(response);
}

/* The parent's things are as they were. */
static void expect_all_there(inheritance *of) {
    int64_t number = 6, answer = 0;
    void *value = NULL;
    assert_ok(script_ask(of->pid, script_reply_number, &number, &answer));
    assert_int_equal(answer, 6);
    assert_ok(spawned_response_value(of->ready, &value, NULL));
    assert_int_equal(*(int64_t *)value, 5);
    spawned_response_release(of->ready);
    assert_status(spawned_response_poll(of->pending), SPAWNED_EAGAIN);
    assert_ok(spawned_reply_to_send(of->reply, &number));
    assert_ok(script_finish(of->pending));
    assert_ok(spawned_timer_cancel(of->timer));
    assert_ok(spawned_event_cancel(of->event));
    assert_ok(spawned_token_cancel(of->token));
    assert_ok(spawned_listener_push(of->listener, of->unsent[0]));
    spawned_listener_end(of->listener, SPAWNED_OK, NULL, 0);
    spawned_task_group_release(of->group);
    for (int i = 1; i < UNSENT; i++) spawned_message_destroy(of->unsent[i]);
}

/* SH09 SH10 */
static void every_call_in_a_child_is_refused_and_a_new_runtime_works(void **state) {
    harness *h = *state;
    inheritance of;
    inherit(&of, h);
    assert_int_equal(run_child(&of, harness_is_deterministic(h)), 0);
    expect_all_there(&of);
}

struct forking {
    inheritance *of;
    bool deterministic;
    int wrong;
};

static spawned_status fork_inside(spawned_context *context, void *state, void *argument) {
    (void)state;
    struct forking *forking = argument;
    forking->of->context = context;
    forking->wrong = run_child(forking->of, forking->deterministic);
    return SPAWNED_OK;
}

/* SH09 */
static void a_child_forked_in_a_handler_is_refused_its_context_too(void **state) {
    harness *h = *state;
    inheritance of;
    inherit(&of, h);
    struct forking forking = {&of, harness_is_deterministic(h), -2};
    assert_ok(script_run(script_start(h), fork_inside, &forking));
    assert_int_equal(forking.wrong, 0);
    expect_all_there(&of);
}

static const int ways_to_abort[] = {SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE};

static spawned_status return_in_the_child(spawned_context *context, void *state, void *argument) {
    (void)context, (void)state;
    *(pid_t *)argument = fork();
    if (*(pid_t *)argument == 0) {
        alarm(CHILD_LIMIT);
        for (size_t i = 0; i < sizeof ways_to_abort / sizeof *ways_to_abort; i++)
            signal(ways_to_abort[i], SIG_DFL); /* not to cmocka, which would go on with the tests */
    }
    return SPAWNED_OK;
}

static void a_child_that_returns_from_its_handler_is_aborted(void **state) {
    harness *h = *state;
    pid_t child = 0;
    int status = 0;
    fflush(NULL);
    assert_ok(script_run(script_start(h), return_in_the_child, &child));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) != SIGALRM : WEXITSTATUS(status) != 0);
}

/* A thread that is inside the library most of the time. */
typedef struct user {
    pthread_t thread;
    const inheritance *of;
    atomic_bool *over;
    int failed;
} user;

static void *use_it(void *argument) {
    user *self = argument;
    for (int64_t i = 0; !atomic_load(self->over); i++) {
        int64_t answer = -1;
        spawned_message *message = NULL;
        spawned_timer timer = 0;
        if (script_ask(self->of->pid, script_reply_number, &i, &answer) != SPAWNED_OK ||
            answer != i)
            self->failed++;
        const script_act act = {script_nothing, NULL};
        (void)spawned_message_create(self->of->pid, &script_tell_type, &act, &message);
        (void)spawned_send_after(SPAWNED_MILLISECOND, message, &timer);
        (void)spawned_registry_register("busy", 4, self->of->pid);
        (void)spawned_registry_unregister(self->of->runtime, "busy", 4);
        (void)spawned_timer_cancel(timer);
        spawned_pid passing = 0;
        if (spawned_actor_start(self->of->runtime, &script_behavior, NULL, &passing) == SPAWNED_OK)
            (void)spawned_actor_kill(passing);
        spawned_runtime *other = NULL;
        if (i % 64 == 0 && spawned_runtime_create(NULL, &other) == SPAWNED_OK)
            (void)spawned_runtime_destroy(other);
    }
    return NULL;
}

/* SH09: whatever lock is held at the moment of the fork */
static void children_of_a_process_that_is_busy_in_the_library_never_hang(void **state) {
    harness *h = *state;
    REQUIRE_THREADS(h);
    enum { USERS = 2, FORKS = 20 };
    inheritance of;
    inherit(&of, h);
    atomic_bool over = false;
    user users[USERS];
    for (int i = 0; i < USERS; i++) {
        users[i] = (user){0, &of, &over, 0};
        assert_int_equal(pthread_create(&users[i].thread, NULL, use_it, &users[i]), 0);
    }
    int results = 0;
    for (int i = 0; i < FORKS; i++) results |= run_child(&of, false);
    atomic_store(&over, true);
    for (int i = 0; i < USERS; i++) {
        pthread_join(users[i].thread, NULL);
        assert_int_equal(users[i].failed, 0);
    }
    assert_int_equal(results, 0);
    expect_all_there(&of);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(every_call_in_a_child_is_refused_and_a_new_runtime_works),
        HARNESS_TEST(a_child_forked_in_a_handler_is_refused_its_context_too),
        HARNESS_TEST(a_child_that_returns_from_its_handler_is_aborted),
        HARNESS_TEST(children_of_a_process_that_is_busy_in_the_library_never_hang),
    };
    return harness_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
