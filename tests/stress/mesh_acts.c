/* What threads and actors of the mesh do: one random act at a time, every status checked. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "mesh.h"

enum { bulk_most = 10000, burst_most = 4 };

spawned_duration mesh_short_time(mesh_doer *doer) {
    switch (stress_below(&doer->random, 5)) {
        case 0:
            return SPAWNED_NO_WAIT;
        case 1:
            return stress_below(&doer->random, 50) * SPAWNED_MICROSECOND;
        case 2:
            return stress_below(&doer->random, 500) * SPAWNED_MICROSECOND;
        case 3:
            return SPAWNED_MILLISECOND;
        default:
            return 10 * SPAWNED_MILLISECOND;
    }
}

/* The documented ends of a request to an actor that knows the type, and of one that does not. */
void mesh_check_outcome(spawned_status status, const char *what) {
    switch (status) {
        case SPAWNED_OK:
        case SPAWNED_ESTOPPED:
        case SPAWNED_ESTOPPING:
        case SPAWNED_ETIMEDOUT:
        case SPAWNED_EFULL:
        case SPAWNED_ENOREPLY:
        case SPAWNED_ENOHANDLER:
        case SPAWNED_EDEADLK:
        case 9:
            return;
        default:
            stress_fail("%s: %s (%d)", what, spawned_status_name(status), (int)status);
    }
}

static void check_send(spawned_status status, const char *what) {
    switch (status) {
        case SPAWNED_OK:
        case SPAWNED_ESTOPPED:
        case SPAWNED_ESTOPPING:
        case SPAWNED_ETIMEDOUT:
        case SPAWNED_EFULL:
            return;
        default:
            stress_fail("%s: %s (%d)", what, spawned_status_name(status), (int)status);
    }
}

static spawned_message *new_note(mesh_doer *doer, spawned_pid to, uint32_t hops, bool numbered) {
    mesh_parcel parcel = mesh_new_parcel(doer, hops, numbered);
    spawned_message *message = NULL;
    STRESS_OK(spawned_message_create(to, &mesh_note_type, &parcel, &message));
    return message;
}

static void send_note(mesh_doer *doer, uint32_t hops) {
    const spawned_pid to = mesh_any(doer, NULL);
    mesh_parcel parcel = mesh_new_parcel(doer, hops, true);
    check_send(spawned_send(to, &mesh_note_type, &parcel), "send");
}

static void send_message(mesh_doer *doer, uint32_t hops) {
    spawned_message *message = new_note(doer, mesh_any(doer, NULL), hops, true);
    switch (stress_below(&doer->random, 6)) {
        case 0:
            STRESS_OK(spawned_message_set_wait(message, mesh_short_time(doer)));
            break;
        case 1: {
            spawned_time now = 0;
            STRESS_OK(spawned_runtime_now(the_mesh.runtime, &now));
            STRESS_OK(spawned_message_set_deadline(message, now + mesh_short_time(doer)));
            break;
        }
        case 2:
            if (mesh_stash_put(&the_mesh.messages, (uint64_t)(uintptr_t)message)) return;
            break;
        case 3:
            spawned_message_destroy(message);
            return;
        default:
            break;
    }
    check_send(spawned_message_send(message), "message_send");
}

static void try_send(mesh_doer *doer, uint32_t hops) {
    spawned_message *message = new_note(doer, mesh_any(doer, NULL), hops, true);
    const spawned_status status = spawned_message_try_send(message);
    check_send(status, "try_send");
    if (status != SPAWNED_OK) spawned_message_destroy(message);
}

static void send_burst(mesh_doer *doer, uint32_t hops) {
    spawned_message *burst[burst_most];
    const uint32_t count = 1 + stress_below(&doer->random, burst_most);
    for (uint32_t i = 0; i < count; ++i)
        burst[i] = new_note(doer, mesh_any(doer, NULL), hops, true);
    size_t accepted = 0;
    check_send(spawned_message_send_many(burst, count, &accepted), "send_many");
    STRESS_CHECK(accepted <= count);
}

static void send_bulk(mesh_doer *doer) {
    const size_t size = sizeof(mesh_parcel) + stress_below(&doer->random, bulk_most);
    spawned_message *message = NULL;
    void *storage = NULL;
    STRESS_OK(
        spawned_message_reserve(mesh_any(doer, NULL), &mesh_bulk_type, size, &message, &storage));
    if (stress_below(&doer->random, 8) == 0) {
        spawned_message_abandon(message);
        return;
    }
    mesh_parcel parcel = mesh_new_parcel(doer, 0, true);
    memset(storage, (int)(parcel.token & 0xff), size);
    memcpy(storage, &parcel, sizeof parcel);
    check_send(spawned_message_send(message), "send of bulk");
}

/* A late answer does not know its question: echo 0. */
static void finish_answer(const mesh_answer *answer, uint64_t echo) {
    STRESS_CHECK(answer->echo == echo || answer->echo == 0);
    mesh_end_token(answer->token);
}

/* Without a limit only where the plan answers from the handler. */
static void ask_and_wait(mesh_doer *doer, uint32_t hops) {
    uint32_t slot;
    const spawned_pid to = mesh_any(doer, &slot);
    mesh_parcel parcel = mesh_new_parcel(doer, hops, false);
    spawned_duration timeout = mesh_short_time(doer);
    const spawned_message_type *type = &mesh_ask_type;
    switch (stress_below(&doer->random, 8)) {
        case 0:
            timeout = SPAWNED_FOREVER;
            parcel.plan = parcel.plan / 10 * 10;
            break;
        case 1:
            timeout = SPAWNED_DEFAULT;
            parcel.plan = parcel.plan / 10 * 10;
            break;
        case 2:
            type = &mesh_ask_soon_type;
            break;
        case 3:
            type = &mesh_odd_type;
            break;
        default:
            break;
    }
    mesh_answer answer;
    const uint64_t echo = parcel.token;
    atomic_fetch_add(&the_mesh.asked, 1);
    const spawned_status status = spawned_request(to, type, &parcel, timeout, &answer);
    atomic_fetch_add(&the_mesh.answered, 1);
    mesh_check_outcome(status, "request");
    if (type == &mesh_odd_type) STRESS_CHECK(status != SPAWNED_OK && status != SPAWNED_ENOREPLY);
    if (status == SPAWNED_OK) finish_answer(&answer, echo);
}

spawned_response *mesh_ask_any(mesh_doer *doer, uint32_t hops, spawned_duration timeout) {
    mesh_parcel parcel = mesh_new_parcel(doer, hops, false);
    const bool as_note = stress_below(&doer->random, 8) == 0;
    spawned_message *message = NULL;
    STRESS_OK(spawned_message_create(mesh_any(doer, NULL),
                                     as_note ? &mesh_note_type : &mesh_ask_type, &parcel,
                                     &message));
    spawned_response *response = NULL;
    atomic_fetch_add(&the_mesh.asked, 1);
    check_send(spawned_message_request(message, timeout, &response), "message_request");
    STRESS_CHECK(response != NULL);
    return response;
}

/* Ends a response whose outcome may still be open. */
void mesh_finish_response(spawned_response *response) {
    const spawned_status status = spawned_response_poll(response);
    if (status != SPAWNED_EAGAIN) mesh_check_outcome(status, "poll");
    void *value = NULL;
    size_t size = 0;
    if (status == SPAWNED_OK && spawned_response_value(response, &value, &size) == SPAWNED_OK &&
        value != NULL) {
        STRESS_CHECK(size == sizeof(mesh_answer));
        mesh_answer *answer = value;
        if (answer->token % 2 == 0) {
            mesh_answer taken;
            STRESS_OK(spawned_response_take(response, &taken));
            mesh_end_token(taken.token);
            STRESS_CHECK(spawned_response_take(response, &taken) == SPAWNED_EALREADY);
        }
    }
    const char *words = NULL;
    size_t length = 0;
    (void)spawned_response_error(response, &words, &length);
    STRESS_CHECK(words != NULL && words[length] == 0);
    spawned_response_release(response);
    atomic_fetch_add(&the_mesh.answered, 1);
}

static void ring(void *user_data) { atomic_fetch_add((atomic_int *)user_data, 1); }

static void ask_with_bell(mesh_doer *doer, uint32_t hops) {
    spawned_response *response = mesh_ask_any(doer, hops, mesh_short_time(doer));
    atomic_int *rung = malloc(sizeof *rung);
    if (rung == NULL) stress_fail("no memory");
    atomic_init(rung, 0);
    STRESS_OK(spawned_response_bell(response, ring, rung));
    for (int i = 0; i < 100 && atomic_load(rung) == 0; ++i) {
        if (!the_mesh.deterministic)
            sched_yield();
        else if (!doer->is_actor)
            (void)spawned_deterministic_run(the_mesh.runtime, 10, NULL);
    }
    const spawned_status status = spawned_response_bell(response, NULL, NULL);
    if (status == SPAWNED_EALREADY) {
        while (atomic_load(rung) == 0) sched_yield();
        STRESS_CHECK(spawned_response_poll(response) != SPAWNED_EAGAIN);
    } else {
        STRESS_OK(status);
        STRESS_CHECK(atomic_load(rung) == 0);
    }
    mesh_finish_response(response);
    STRESS_CHECK(atomic_load(rung) <= 1);
    free(rung);
}

static void ask_without_waiting(mesh_doer *doer, uint32_t hops) {
    spawned_response *response = mesh_ask_any(doer, hops, mesh_short_time(doer));
    switch (stress_below(&doer->random, 4)) {
        case 0:
            break;
        case 1: {
            const spawned_status status = spawned_response_wait(response, mesh_short_time(doer));
            if (status != SPAWNED_EAGAIN) mesh_check_outcome(status, "wait");
            break;
        }
        default:
            if (mesh_stash_put(&the_mesh.responses, (uint64_t)(uintptr_t)response)) return;
            break;
    }
    mesh_finish_response(response);
}

static void send_waiting(mesh_doer *doer, uint32_t hops) {
    spawned_response *response = NULL;
    atomic_fetch_add(&the_mesh.asked, 1);
    check_send(spawned_message_send_waiting(new_note(doer, mesh_any(doer, NULL), hops, false),
                                            mesh_short_time(doer), &response),
               "send_waiting");
    STRESS_CHECK(response != NULL);
    if (!mesh_stash_put(&the_mesh.responses, (uint64_t)(uintptr_t)response))
        mesh_finish_response(response);
}

void mesh_answer_late(spawned_reply_to reply, mesh_doer *doer) {
    spawned_status status;
    switch (stress_below(&doer->random, 3)) {
        case 0:
            status = spawned_reply_to_release(reply);
            break;
        case 1:
            status = spawned_reply_to_fail(reply, 9, "late", 4);
            break;
        default: {
            mesh_answer answer = mesh_new_answer(0);
            status = spawned_reply_to_send(reply, &answer);
            /* A handle that is gone knows no type whose destroy could end the value. */
            if (status != SPAWNED_OK) mesh_end_answer(&answer);
            break;
        }
    }
    if (status != SPAWNED_OK && status != SPAWNED_ESTOPPED)
        stress_fail("late answer: %s", spawned_status_name(status));
}

static void act_on_stash(mesh_doer *doer) {
    uint64_t entry = mesh_stash_take(&the_mesh.replies, &doer->random);
    if (entry != 0) mesh_answer_late(entry, doer);
    entry = mesh_stash_take(&the_mesh.responses, &doer->random);
    if (entry != 0) mesh_finish_response((spawned_response *)(uintptr_t)entry);
    entry = mesh_stash_take(&the_mesh.messages, &doer->random);
    if (entry != 0) spawned_message_destroy((spawned_message *)(uintptr_t)entry);
}

static void set_timer(mesh_doer *doer, uint32_t hops, bool interval) {
    spawned_message *message = new_note(doer, mesh_any(doer, NULL), interval ? 0 : hops, false);
    const spawned_duration time = mesh_short_time(doer);
    spawned_timer timer = 0;
    const spawned_status status =
        interval ? spawned_send_interval(time + 100 * SPAWNED_MICROSECOND, message, &timer)
                 : spawned_send_after(time, message, &timer);
    check_send(status, "timer");
    if (status != SPAWNED_OK || mesh_stash_put(&the_mesh.timers, timer)) return;
    (void)spawned_timer_cancel(timer);
}

static void cancel_timer(mesh_doer *doer) {
    const spawned_timer timer = mesh_stash_take(&the_mesh.timers, &doer->random);
    if (timer == 0) return;
    const spawned_status status = spawned_timer_cancel(timer);
    if (status != SPAWNED_OK && status != SPAWNED_EALREADY)
        stress_fail("cancel: %s", spawned_status_name(status));
    STRESS_CHECK(spawned_timer_cancel(timer) == SPAWNED_EALREADY);
}

static void join_any(mesh_doer *doer) {
    const spawned_pid pid = mesh_any(doer, NULL);
    const spawned_status status = spawned_actor_join(pid, mesh_short_time(doer));
    if (status != SPAWNED_OK && status != SPAWNED_ETIMEDOUT && status != SPAWNED_EDEADLK)
        stress_fail("join: %s", spawned_status_name(status));
    if (status != SPAWNED_OK) return;
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char words[64];
    STRESS_OK(spawned_actor_exit_reason(pid, &exit, words, sizeof words));
    STRESS_CHECK(exit.kind != SPAWNED_EXIT_RUNNING);
    mesh_parcel parcel = mesh_new_parcel(doer, 0, false);
    STRESS_CHECK(spawned_send(pid, &mesh_note_type, &parcel) == SPAWNED_ESTOPPED);
}

static void use_names(mesh_doer *doer) {
    const char name[2] = {(char)('a' + stress_below(&doer->random, 26)), 0};
    spawned_pid pid = 0;
    if (spawned_registry_whereis(the_mesh.runtime, name, 1, &pid) == SPAWNED_OK) {
        mesh_parcel parcel = mesh_new_parcel(doer, 0, true);
        check_send(spawned_send(pid, &mesh_note_type, &parcel), "send by name");
        if (stress_below(&doer->random, 2) == 0)
            STRESS_OK(spawned_registry_unregister(the_mesh.runtime, name, 1));
    } else {
        (void)spawned_registry_register(name, 1, mesh_any(doer, NULL));
    }
}

static void look_around(mesh_doer *doer) {
    if (doer->is_actor) return;
    spawned_actor_report reports[8];
    for (int i = 0; i < 8; ++i) reports[i] = (spawned_actor_report)SPAWNED_ACTOR_REPORT_INIT;
    size_t count = 0;
    STRESS_OK(spawned_runtime_busy(the_mesh.runtime, reports, sizeof *reports, 8, &count));
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    STRESS_OK(spawned_runtime_stats_get(the_mesh.runtime, &stats));
}

void mesh_act(mesh_doer *doer, uint32_t hops) {
    if (mesh_is_full() || !atomic_load(&the_mesh.open)) return;
    const uint32_t choice = stress_below(&doer->random, 100);
    if (choice < 36)
        send_note(doer, hops);
    else if (choice < 42)
        send_message(doer, hops);
    else if (choice < 46)
        try_send(doer, hops);
    else if (choice < 50)
        send_burst(doer, hops);
    else if (choice < 54)
        send_bulk(doer);
    else if (choice < 64)
        ask_and_wait(doer, hops);
    else if (choice < 70)
        ask_without_waiting(doer, hops);
    else if (choice < 73)
        ask_with_bell(doer, hops);
    else if (choice < 76)
        send_waiting(doer, hops);
    else if (choice < 80)
        act_on_stash(doer);
    else if (choice < 86)
        set_timer(doer, hops, false);
    else if (choice < 87)
        set_timer(doer, 0, true);
    else if (choice < 93)
        cancel_timer(doer);
    else if (choice < 94)
        mesh_end_somehow(mesh_any(doer, NULL), doer);
    else if (choice < 96)
        mesh_start_in(stress_below(&doer->random, the_mesh.slot_count), doer);
    else if (choice < 97)
        join_any(doer);
    else if (choice < 99)
        use_names(doer);
    else
        look_around(doer);
}
