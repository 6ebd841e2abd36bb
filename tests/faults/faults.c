/* Whole lives of a runtime on all its backends, with its loop and a signal. In the first a system call may
 * fail: that is told by a status, and leaves no thread and no descriptor; the next one goes well.
 * PROGRAM one [LOST]: a life, an empty write to tell its end, another; libuv may lose LOST descriptors.
 * PROGRAM descriptors: with none left, with one left, and so on.
 * PROGRAM many COUNT: so many lives, and nothing grows. */
#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <spawned.h>
#include <spawned/signal.h>
#include <spawned/uv.h>

static void fail(const char *what, spawned_status status) {
    fprintf(stderr, "faults: %s: %s\n", what, spawned_status_name(status));
    exit(1);
}

static bool is_shortage(spawned_status status) {
    return status == SPAWNED_ENOMEM || status == SPAWNED_ESYSTEM;
}

static const spawned_message_type number_type = SPAWNED_MESSAGE_TYPE("faults.number", uint64_t);
static const spawned_message_type ask_type =
    SPAWNED_REQUEST_TYPE("faults.ask", uint64_t, &number_type);

static spawned_status on_ask(spawned_context *context, void *state, void *value) {
    (void)state;
    const uint64_t answer = *(uint64_t *)value * 2;
    return spawned_reply(context, &answer);
}

static spawned_status on_number(spawned_context *context, void *state, void *value) {
    (void)context, (void)state, (void)value;
    return SPAWNED_OK;
}

static const spawned_handler handlers[] = {{&ask_type, on_ask}, {&number_type, on_number}};
static const spawned_behavior doubler = {SPAWNED_BEHAVIOR_INIT("doubler"), .handlers = handlers,
                                         .handler_count = 2};

/* Whether all went well, which it must unless a fault is expected. */
static bool use(spawned_runtime *runtime, spawned_backend backend, bool faulty) {
    spawned_actor_options options = SPAWNED_ACTOR_OPTIONS_INIT;
    options.backend = backend;
    spawned_pid pid = 0;
    spawned_status status = spawned_actor_start(runtime, &doubler, &options, &pid);
    if (status != SPAWNED_OK) {
        if (!faulty || !is_shortage(status)) fail("start", status);
        return false;
    }
    uint64_t question = 21, answer = 0;
    status = spawned_request(pid, &ask_type, &question, SPAWNED_DEFAULT, &answer);
    if (status != SPAWNED_OK && !(faulty && is_shortage(status))) fail("request", status);
    if (status == SPAWNED_OK && answer != 42) fail("answer", status);
    spawned_message *message = NULL;
    status = spawned_message_create(pid, &number_type, &question, &message);
    if (status == SPAWNED_OK) status = spawned_send_after(SPAWNED_MILLISECOND, message, NULL);
    if (status != SPAWNED_OK && !(faulty && is_shortage(status))) fail("send_after", status);
    spawned_response *slept = NULL;
    status = spawned_sleep(runtime, 2 * SPAWNED_MILLISECOND, &slept);
    if (status == SPAWNED_OK) status = spawned_response_wait(slept, SPAWNED_DEFAULT);
    spawned_response_release(slept);
    if (status != SPAWNED_OK && !(faulty && is_shortage(status))) fail("sleep", status);
    status = spawned_actor_stop(pid);
    if (status == SPAWNED_OK) status = spawned_actor_join(pid, 10 * SPAWNED_SECOND);
    if (status != SPAWNED_OK) fail("stop and join", status);
    return true;
}

static void on_loop(struct uv_loop_s *loop, void *user_data) {
    (void)loop;
    atomic_fetch_add((atomic_int *)user_data, 1);
}

static bool use_loop(spawned_runtime *runtime, atomic_int *ran, bool faulty) {
    spawned_status status = spawned_uv_submit(runtime, on_loop, ran);
    const bool submitted = status == SPAWNED_OK;
    if (!submitted && !(faulty && is_shortage(status))) fail("submit", status);
    spawned_response *response = NULL;
    status = spawned_signal_response(runtime, SIGUSR1, 0, SPAWNED_FOREVER, &response);
    if (status == SPAWNED_OK) {
        if (raise(SIGUSR1) != 0) fail("raise", status);
        status = spawned_response_wait(response, 10 * SPAWNED_SECOND);
    }
    spawned_response_release(response);
    if (status != SPAWNED_OK && !(faulty && is_shortage(status))) fail("signal", status);
    return submitted && status == SPAWNED_OK;
}

static bool live(bool faulty) {
    spawned_runtime_options options = SPAWNED_RUNTIME_OPTIONS_INIT;
    options.workers = 2;
    spawned_runtime *runtime = NULL;
    spawned_status status = spawned_runtime_create(&options, &runtime);
    if (status != SPAWNED_OK) {
        if (!faulty || !is_shortage(status)) fail("create", status);
        return false;
    }
    bool good = true;
    for (spawned_backend backend = 0; backend < 3; ++backend) good &= use(runtime, backend, faulty);
    atomic_int ran = 0;
    good &= use_loop(runtime, &ran, faulty);
    status = spawned_runtime_destroy(runtime);
    if (status != SPAWNED_OK) fail("destroy", status);
    if (good && atomic_load(&ran) != 1) fail("a function was not run on the loop", status);
    return good;
}

static int count(const char *folder) {
    DIR *list = opendir(folder);
    int entries = 0;
    if (list == NULL) return -1;
    while (readdir(list) != NULL) ++entries;
    closedir(list);
    return entries;
}

/* libuv keeps a pipe for the process once there was a loop. */
static void expect_nothing_left(int descriptors) {
    const int left = count("/proc/self/fd") - descriptors;
    if (left != 0 && left != 2) fail("a descriptor is left", SPAWNED_OK);
    for (int i = 0; count("/proc/self/task") != 3; ++i) {
        if (i == 10000) fail("a thread is left", SPAWNED_OK);
        usleep(1000);
    }
}

static void starve(int descriptors) {
    struct rlimit before, limit;
    getrlimit(RLIMIT_NOFILE, &before);
    bool good = false;
    for (rlim_t room = 0; !good && room < 64; ++room) {
        limit = before;
        limit.rlim_cur = 3 + room;
        setrlimit(RLIMIT_NOFILE, &limit);
        good = live(true);
        setrlimit(RLIMIT_NOFILE, &before);
        expect_nothing_left(descriptors);
    }
    if (!good) fail("64 descriptors are not enough", SPAWNED_OK);
}

static long resident(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) fail("statm", SPAWNED_OK);
    fclose(file);
    return pages;
}

static void live_often(long lives, int descriptors) {
    long pages = 0;
    for (long i = 0; i < lives; ++i) {
        if (!live(false)) fail("a life", SPAWNED_OK);
        if (i == lives / 4) pages = resident();
    }
    expect_nothing_left(descriptors);
    const long grown = (resident() - pages) * sysconf(_SC_PAGESIZE);
    printf("%ld lives, grown by %ld bytes\n", lives, grown);
    if (grown > 2 << 20) fail("memory grows", SPAWNED_OK);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    int descriptors = count("/proc/self/fd");
    if (strcmp(what, "one") == 0) {
        (void)live(true);
        if (argc > 2) descriptors += (int)strtol(argv[2], NULL, 10);
        expect_nothing_left(descriptors);
        (void)!write(STDOUT_FILENO, "", 0);
        if (!live(false)) fail("the second life", SPAWNED_OK);
    } else if (strcmp(what, "descriptors") == 0) {
        starve(descriptors);
        if (!live(false)) fail("the last life", SPAWNED_OK);
    } else if (strcmp(what, "many") == 0 && argc > 2) {
        live_often(strtol(argv[2], NULL, 10), descriptors);
    } else {
        return 2;
    }
    expect_nothing_left(descriptors);
    return 0;
}
