/* The fixture of the contract tests: a runtime that is watched while a test uses it. Memory,
 * threads, log records, message counts and destructors of values are accounted for when it ends.
 *
 * Knows nothing of a test framework (contract.h adds cmocka); a broken promise makes harness_finish
 * return -1 after printing it. A program runs in one mode, its first argument. */
#ifndef SPAWNED_TESTS_SUPPORT_HARNESS_H
#define SPAWNED_TESTS_SUPPORT_HARNESS_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <spawned.h>

/* How long anything may take before a test calls it a hang. */
#define HARNESS_LONG (30 * SPAWNED_SECOND)

typedef enum harness_mode {
    HARNESS_DETERMINISTIC, /* seed: SPAWNED_TEST_SEED or 1; each start takes the next backend */
    HARNESS_POOL,
    HARNESS_BLOCKING,
    HARNESS_THREAD,
    HARNESS_HOST /* no thread but the test's, on the real clock; starts on the pool and the host in turn */
} harness_mode;

typedef struct harness harness;
typedef struct harness_gate harness_gate;
typedef struct harness_probe harness_probe;

/* ---- the fixture ---- */

/* Changes to the options of the fixture's runtime; NULL: none. */
typedef struct harness_config {
    void (*configure)(spawned_runtime_options *options);
} harness_config;

/* Reads the mode from the program's arguments; prints the usage and returns false when it is
 * none. */
bool harness_select_mode(int argc, char **argv);

/* Creates the fixture and its runtime; NULL, after saying why, when that fails. */
harness *harness_begin(const harness_config *config);

/* Opens the gates, shuts down, destroys, checks every account and frees the fixture. -1: a promise
 * was broken. A test that ended the runtime itself has called harness_end_runtime before. */
int harness_finish(harness *h);

/* Shuts the fixture's runtime down and destroys it now. -1: that failed, or counts are wrong. */
int harness_end_runtime(harness *h);

spawned_runtime *harness_runtime(const harness *h);
harness_mode harness_mode_of(const harness *h);
bool harness_is_deterministic(const harness *h);
/* Nothing runs unless the test's own thread waits for it: deterministic and host. */
bool harness_is_alone(const harness *h);
/* The host of the fixture's runtime; NULL in other modes. */
spawned_host *harness_host(const harness *h);
uint64_t harness_seed(const harness *h);

/* Another runtime under the same watch, of the same mode; ends with harness_runtime_end. */
spawned_runtime *harness_runtime_begin(harness *h, const harness_config *config);
int harness_runtime_end(harness *h, spawned_runtime *runtime);
/* The test is about to destroy it itself. */
void harness_runtime_forget(spawned_runtime *runtime);

/* The options the fixture creates runtimes with: mode, seed, allocator, log. For a test that calls
 * spawned_runtime_create itself; it then counts the runtime with harness_expect_runtime. */
void harness_runtime_options(harness *h, spawned_runtime_options *options);
void harness_expect_runtime(harness *h);

/* ---- actors ---- */

/* The backend this mode puts the next actor on. */
spawned_backend harness_backend(harness *h);

/* Starts an actor on the mode's backend; 0, after saying why, when that fails. options may be NULL,
 * its backend is overwritten. */
spawned_pid harness_start(harness *h, const spawned_behavior *behavior,
                          const spawned_actor_options *options);
spawned_pid harness_start_with(harness *h, const spawned_behavior *behavior, void *argument);

/* ---- time and quiet ---- */

typedef bool (*harness_predicate)(void *argument);

/* Returns when nobody runs or could run: every actor is idle, awaits, or waits inside the library.
 * Not for use while a gate holds a handler; and one that waits inside the library counts as waiting
 * until its thread has woken: after ending its wait, wait for what it does next. False, after
 * saying who is busy, when it takes too long. */
bool harness_settle(harness *h);

/* True as soon as the predicate is; false when it still is not after a long time. Deterministic:
 * settles and asks once. */
bool harness_wait_until(harness *h, harness_predicate predicate, void *argument);

/* Lets duration pass on the runtime's clock and settles. Threads: really waits; keep it short. */
bool harness_advance(harness *h, spawned_duration duration);

/* Deterministic: advances by duration and asks. Threads: waits until the predicate is true, however
 * long; so only "never early" can be asserted afterwards. */
bool harness_advance_until(harness *h, spawned_duration duration, harness_predicate predicate,
                           void *argument);

spawned_time harness_now(const harness *h);
spawned_runtime_stats harness_stats(const harness *h);
uint64_t harness_dead_letters(const spawned_runtime_stats *stats);

/* Bytes that runtimes under this watch hold at this moment. */
int64_t harness_memory_held(const harness *h);

/* Threads of this process, as the kernel counts them. */
size_t harness_thread_count(void);
/* Waits for the kernel to take ended threads off its books. */
bool harness_threads_return_to(size_t count);

/* ---- what the log sink received ---- */

typedef struct harness_log_entry {
    spawned_log_level level;
    spawned_pid pid;
    spawned_duration elapsed;
    char text[512];
    char actor_name[64];   /* empty for none */
    char message_name[64]; /* empty for none */
} harness_log_entry;

/* Records of this level whose text, actor name or message name holds part (NULL: any). */
size_t harness_log_count(harness *h, spawned_log_level level, const char *part);
/* Copies the first such record. */
bool harness_log_find(harness *h, spawned_log_level level, const char *part,
                      harness_log_entry *entry);

/* ---- gates: a handler that blocks outside the library until the test lets it go ---- */

/* Belongs to the fixture, which opens it when the test ends. */
harness_gate *harness_gate_new(harness *h);
void harness_gate_open(harness_gate *gate);
/* Waits until it is open. In deterministic mode it never waits: nothing runs there unless asked. */
void harness_gate_pass(harness_gate *gate);
/* How many threads have come to the gate so far. */
uint64_t harness_gate_arrivals(harness_gate *gate);
bool harness_gate_wait_for(harness_gate *gate, uint64_t arrivals);

/* ---- values ---- */

/* A plain number. */
extern const spawned_message_type harness_number_type;
/* A request: a number, answered with that number plus one. */
extern const spawned_message_type harness_ask_type;
extern const spawned_message_type harness_answer_type;
/* Sends the receiver to a gate: the value is a harness_gate *. */
extern const spawned_message_type harness_hold_type;
/* A probe stops itself, from inside. */
extern const spawned_message_type harness_quit_type;

/* A value whose destructor is counted; a second destroy of one value is remembered. */
typedef struct harness_tracked {
    harness *owner;
    uint64_t serial;
    uint64_t number;
} harness_tracked;
extern const spawned_message_type harness_tracked_type; /* has copy: fit for intervals */

harness_tracked harness_tracked_make(harness *h, uint64_t number);
uint64_t harness_tracked_created(const harness *h);
uint64_t harness_tracked_destroyed(const harness *h);
/* Waits for the last of them: one sent while its receiver ended may outlast the join by a moment. */
bool harness_tracked_end(harness *h);

/* The next of a sequence that depends on its first state alone, not on a C library. */
uint64_t harness_random(uint64_t *state);

/* A tracked value as a message to be sent by other means; NULL when there is nobody to send it to. */
spawned_message *harness_tracked_message(harness *h, spawned_pid to, uint64_t number);

spawned_status harness_send_number(spawned_pid to, uint64_t number);
spawned_status harness_send_tracked(harness *h, spawned_pid to, uint64_t number);

/* ---- the probe: an actor that writes down what happens to it ---- */

typedef enum harness_event_kind {
    HARNESS_INIT,
    HARNESS_STARTED,
    HARNESS_MESSAGE,
    HARNESS_STOPPED,
    HARNESS_DESTROYED
} harness_event_kind;

typedef struct harness_event {
    harness_event_kind kind;
    uint64_t number;   /* of a message */
    spawned_exit exit; /* of stopped */
    uint64_t thread;   /* equal for callbacks on one thread */
} harness_event;

/* What the probe does beside writing down; set before it starts. */
struct harness_probe {
    spawned_status init_status;
    spawned_status started_status;
    spawned_status stopped_status;
    const char *failure_text; /* recorded with every failing status above; NULL: none */
    spawned_status (*on_started)(spawned_context *context, harness_probe *probe);
    /* After a number or a tracked value was written down; its status is the handler's. */
    spawned_status (*on_number)(spawned_context *context, harness_probe *probe, uint64_t number);
    spawned_status (*on_stopped)(spawned_context *context, harness_probe *probe);
    harness_gate *gate;     /* for the callbacks above */
    spawned_pid peer;       /* for the callbacks above */
    void *data;             /* for the callbacks above */
    _Atomic int64_t result; /* for the callbacks above */

    harness *owner;
    pthread_mutex_t lock;
    harness_event *events;
    size_t count, capacity;
    _Atomic int32_t running;  /* callbacks inside at this moment */
    _Atomic int32_t overlaps; /* times two were inside at once */
    struct harness_probe *next;
};

extern const spawned_behavior harness_probe_behavior; /* named "probe" */

/* Belongs to the fixture, outlives the runtime. */
harness_probe *harness_probe_new(harness *h);
spawned_pid harness_probe_start(harness *h, harness_probe *probe,
                                const spawned_actor_options *options);
/* On this backend, whatever the mode. */
spawned_pid harness_probe_start_on(harness *h, harness_probe *probe, spawned_backend backend);

size_t harness_probe_count(harness_probe *probe, harness_event_kind kind);
size_t harness_probe_total(harness_probe *probe);
bool harness_probe_event(harness_probe *probe, size_t index, harness_event *event);
/* The whole story in short: "i s 1 2 x d" = init, started, messages 1 and 2, stopped, destroyed. */
void harness_probe_story(harness_probe *probe, char *story, size_t capacity);

/* Waits until this many events of the kind are there. */
bool harness_probe_wait(harness_probe *probe, harness_event_kind kind, size_t count);

/* Waits until the probe's result is this. */
bool harness_probe_wait_result(harness_probe *probe, int64_t result);

/* Keeps the probe's actor from its mailbox until the gate opens: returns when its handler is at the
 * gate. Deterministic: does nothing, nobody runs unless asked. */
bool harness_probe_hold(harness_probe *probe, spawned_pid pid, harness_gate *gate);

#endif
