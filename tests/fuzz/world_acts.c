/* One act of the fuzzer's world: a call of the library with whatever is at hand. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

void world_keep(uint64_t number) { world.numbers[world.next_number++ % numbers_most] = number; }

/* One that was given out, of any kind; now and then a mangled one. */
uint64_t world_any_number(void) {
    const uint8_t choice = fuzz_byte();
    const uint64_t number = world.numbers[choice % numbers_most];
    if (choice < 248) return number;
    return choice == 255 ? fuzz_word() : number ^ ((uint64_t)1 << fuzz_below(64));
}

spawned_duration world_time(void) {
    static const spawned_duration times[] = {SPAWNED_NO_WAIT,     SPAWNED_MICROSECOND,
                                             SPAWNED_MILLISECOND, 20 * SPAWNED_MILLISECOND,
                                             SPAWNED_SECOND,      SPAWNED_SECOND * 3};
    return times[fuzz_below(sizeof times / sizeof *times)];
}

spawned_message **world_message(void) { return &world.messages[fuzz_below(objects)]; }
spawned_response **world_response(void) { return &world.responses[fuzz_below(objects)]; }

void world_keep_response(spawned_response *response) {
    spawned_response **place = world_response();
    spawned_response_release(*place);
    *place = response;
}

void world_settle_value(fuzz_value *value, spawned_status status) {
    if (status == SPAWNED_OK || fuzz_is_ended(value)) return;
    FUZZ_CHECK(status == SPAWNED_EINVAL || status == SPAWNED_ECONTEXT ||
               status == SPAWNED_EALREADY || status == SPAWNED_ESTOPPED);
    fuzz_end_value(value, NULL);
}

spawned_message *world_new_message(void) {
    const spawned_message_type *type = world_any_type();
    const spawned_pid to = world_any_number();
    spawned_message *message = NULL;
    fuzz_value value;
    if ((type->flags & (SPAWNED_TYPE_VARIABLE | SPAWNED_TYPE_PINNED)) == 0) {
        value = fuzz_new_value(4);
        const spawned_status status = spawned_message_create(to, type, &value, &message);
        FUZZ_CHECK((status == SPAWNED_OK) == (message != NULL));
        if (status != SPAWNED_OK) FUZZ_CHECK(fuzz_is_ended(&value));
        return message;
    }
    void *storage = NULL;
    const bool variable = (type->flags & SPAWNED_TYPE_VARIABLE) != 0;
    const size_t size = variable ? sizeof value + fuzz_below(5000) : 0;
    if (spawned_message_reserve(to, type, size, &message, &storage) != SPAWNED_OK) return NULL;
    if (fuzz_below(8) == 7) {
        spawned_message_abandon(message);
        return NULL;
    }
    *(fuzz_value *)storage = fuzz_new_value(5);
    return message;
}

static void ring(void *user_data) { (void)user_data; }

/* The message is out of everybody's reach while the call may wait. */
static spawned_message *take_message(void) {
    spawned_message **place = world_message();
    spawned_message *message = *place;
    *place = NULL;
    return message != NULL ? message : world_new_message();
}

static void send_somehow(void) {
    spawned_message *message = take_message();
    spawned_message *more[3];
    spawned_response *response = NULL;
    uint64_t number = 0;
    if (message == NULL) return;
    switch (fuzz_below(14)) {
        case 0:
            spawned_message_destroy(message);
            break;
        case 1:
            (void)spawned_message_set_deadline(message, fuzz_below(2) == 0 ? 1 : fuzz_word() >> 32);
            /* without a limit it might be for ever, where an interval keeps the clock going */
            (void)spawned_message_set_wait(message, world_time());
            (void)spawned_message_send(message);
            break;
        case 2:
            (void)spawned_message_set_wait(message, world_time());
            (void)spawned_message_send(message);
            break;
        case 3:
            if (spawned_message_try_send(message) != SPAWNED_OK) spawned_message_destroy(message);
            break;
        case 4:
            more[0] = message;
            size_t count = 1;
            while (count < 3 && (more[count] = world_new_message()) != NULL) ++count;
            for (size_t i = 0; i < count; ++i)
                (void)spawned_message_set_wait(more[i], SPAWNED_MILLISECOND);
            (void)spawned_message_send_many(more, count, NULL);
            break;
        case 5:
        case 6:
        case 7:
            (void)spawned_message_request(message, world_time(), &response);
            FUZZ_CHECK(response != NULL);
            world_keep_response(response);
            break;
        case 8:
            (void)spawned_message_send_waiting(message, world_time(), &response);
            FUZZ_CHECK(response != NULL);
            world_keep_response(response);
            break;
        case 9:
            if (spawned_send_after(world_time(), message, &number) == SPAWNED_OK)
                world_keep(number);
            break;
        case 10:
            /* not so short that a second of it takes minutes */
            if (spawned_send_interval(world_time() / SPAWNED_MILLISECOND * 20 * SPAWNED_MILLISECOND,
                                      message, &number) == SPAWNED_OK) {
                world_keep(number);
                if (fuzz_below(4) != 0) (void)spawned_timer_cancel(number);
            }
            break;
        case 11:
            if (spawned_send_on_end(world_any_number(), message, &number) == SPAWNED_OK)
                world_keep(number);
            break;
        case 12:
            if (spawned_send_on_cancel(world_any_number(), message, &number) == SPAWNED_OK)
                world_keep(number);
            break;
        default:
            (void)spawned_message_set_wait(message, SPAWNED_MILLISECOND);
            (void)spawned_message_send(message);
            break;
    }
}

static void send_value(void) {
    const spawned_message_type *type = world_any_type();
    if ((type->flags & SPAWNED_TYPE_VARIABLE) != 0) type = &fuzz_note_type;
    fuzz_value value = fuzz_new_value(6), answer;
    spawned_status status;
    if (fuzz_below(2) == 0 && type->reply != NULL) {
        status = spawned_request(world_any_number(), type, &value, world_time(), &answer);
        if (status == SPAWNED_OK) fuzz_end_value(&answer, NULL);
        return; /* the question may outlast its asker's patience */
    }
    /* A full mailbox that blocks would keep a thread outside without limit. */
    spawned_message *message = NULL;
    if (spawned_message_create(world_any_number(), type, &value, &message) != SPAWNED_OK) return;
    (void)spawned_message_set_wait(message, world_time());
    (void)spawned_message_send(message);
}

static void use_response(void) {
    spawned_response **place = world_response();
    spawned_response *response = *place;
    spawned_status status;
    fuzz_value answer;
    void *value = NULL;
    size_t size = 0;
    const char *text = NULL;
    if (response == NULL) return;
    *place = NULL; /* it has one owner, also while somebody waits */
    switch (fuzz_below(8)) {
        case 0:
            (void)spawned_response_wait(response, world_time());
            break;
        case 1:
            status = spawned_response_value(response, &value, &size);
            if (status == SPAWNED_OK && value != NULL) FUZZ_CHECK(size >= sizeof(uint64_t));
            break;
        case 2:
            if (spawned_response_value(response, &value, &size) == SPAWNED_OK && value != NULL &&
                spawned_response_take(response, &answer) == SPAWNED_OK && size == sizeof answer)
                fuzz_end_value(&answer, NULL); /* else a number of a supervisor's or of a join */
            break;
        case 3:
            (void)spawned_response_error(response, &text, &size);
            FUZZ_CHECK(text != NULL && text[size] == 0);
            break;
        case 4:
            (void)spawned_response_bell(response, ring, NULL);
            break;
        case 5:
            (void)spawned_response_bell(response, NULL, NULL);
            break;
        case 6:
            spawned_response_release(response);
            return;
        default:
            (void)spawned_response_poll(response);
            break;
    }
    if (*place == NULL)
        *place = response;
    else
        spawned_response_release(response);
}

static void make_response(void) {
    spawned_response *response = NULL;
    spawned_reply_to reply = 0;
    switch (fuzz_below(5)) {
        case 0:
            if (spawned_promise_create(world.runtime, fuzz_below(2) == 0 ? NULL : &fuzz_answer_type,
                                       world_time(), &reply, &response) == SPAWNED_OK)
                world_keep(reply);
            break;
        case 1:
            (void)spawned_sleep(world.runtime, world_time(), &response);
            break;
        case 2:
            (void)spawned_actor_end_response(world_any_number(), world_time(), &response);
            break;
        case 3:
            (void)spawned_token_response(world_any_number(), world_time(), &response);
            break;
        default:
            response = spawned_response_of_error((spawned_status)fuzz_byte() - 100);
            break;
    }
    FUZZ_CHECK(response != NULL);
    world_keep_response(response);
}

static void use_reply(void) {
    const spawned_reply_to reply = world_any_number();
    void *storage = NULL;
    fuzz_value value;
    switch (fuzz_below(5)) {
        case 0:
            value = fuzz_new_value(7);
            world_settle_value(&value, spawned_reply_to_send(reply, &value));
            break;
        case 1:
            if (spawned_reply_to_reserve(reply, 0, &storage) != SPAWNED_OK) break;
            *(fuzz_value *)storage = fuzz_new_value(8);
            FUZZ_OK(spawned_reply_to_commit(reply));
            break;
        case 2:
            (void)spawned_reply_to_fail(reply, 6, "later", 5);
            break;
        case 3:
            (void)spawned_reply_to_is_wanted(reply);
            if (!world.left_unbuilt) (void)spawned_reply_to_commit(reply);
            break;
        default:
            (void)spawned_reply_to_release(reply);
            break;
    }
}

static void end_or_watch(void) {
    const uint64_t number = world_any_number();
    spawned_exit exit = SPAWNED_EXIT_INIT;
    char text[16];
    uint64_t made = 0;
    switch (fuzz_below(13)) {
        case 0:
            (void)spawned_actor_stop(number);
            break;
        case 1:
            (void)spawned_actor_kill(number);
            break;
        case 2:
            (void)spawned_actor_drain(number, world_time());
            break;
        case 3:
            (void)spawned_actor_join(number, world_time());
            break;
        case 4:
            (void)spawned_actor_exit_reason(number, &exit, text, sizeof text);
            (void)spawned_actor_handles(number, world_any_type());
            break;
        case 5:
            if (spawned_token_create(world.runtime, fuzz_below(2) == 0 ? 0 : number, &made) ==
                SPAWNED_OK)
                world_keep(made);
            break;
        case 6:
            if (spawned_token_of_actor(number, &made) == SPAWNED_OK) world_keep(made);
            break;
        case 7:
            (void)spawned_token_cancel(number);
            break;
        case 8:
            (void)spawned_token_is_cancelled(number);
            break;
        case 9:
            if (spawned_token_on_cancel(number, ring, NULL, &made) == SPAWNED_OK) world_keep(made);
            break;
        case 10:
            (void)spawned_event_cancel(number);
            break;
        case 11:
            (void)spawned_timer_cancel(number);
            break;
        default:
            (void)spawned_pid_runtime(number);
            break;
    }
}

static void visit(const char *name, size_t length, spawned_pid pid, void *user_data) {
    (void)user_data;
    for (size_t i = 0; i < length; ++i) FUZZ_CHECK(name[i] != 0);
    if (pid != 0) world_keep(pid);
}

static void use_names(void) {
    const char name[2] = {(char)('a' + fuzz_below(4)), 0};
    spawned_pid pid = 0;
    fuzz_value value;
    switch (fuzz_below(6)) {
        case 0:
            (void)spawned_registry_register(name, 1, world_any_number());
            break;
        case 1:
            if (spawned_registry_whereis(world.runtime, name, 1, &pid) == SPAWNED_OK)
                world_keep(pid);
            break;
        case 2:
            value = fuzz_new_value(9);
            if (spawned_registry_put(world.runtime, name, 1, &fuzz_note_type, &value,
                                     fuzz_below(2) == 0 ? 0 : world_any_number()) != SPAWNED_OK)
                FUZZ_CHECK(fuzz_is_ended(&value));
            break;
        case 3:
            if (spawned_registry_get(world.runtime, name, 1, &fuzz_note_type, &value) == SPAWNED_OK)
                fuzz_end_value(&value, NULL);
            break;
        case 4:
            (void)spawned_registry_unregister(world.runtime, name, 1);
            break;
        default:
            (void)spawned_registry_list(world.runtime, visit, NULL);
            break;
    }
}

static void look_and_drive(spawned_context *context) {
    spawned_actor_report reports[4];
    for (int i = 0; i < 4; ++i) reports[i] = (spawned_actor_report)SPAWNED_ACTOR_REPORT_INIT;
    spawned_runtime_stats stats = SPAWNED_RUNTIME_STATS_INIT;
    size_t count = 0;
    uint64_t chosen = 0;
    switch (fuzz_below(12)) {
        case 0:
            FUZZ_OK(spawned_runtime_busy(world.runtime, reports, sizeof *reports, 4, &count));
            break;
        case 1:
            FUZZ_OK(spawned_runtime_stats_get(world.runtime, &stats));
            break;
        case 2:
            (void)spawned_deterministic_choose(world.runtime, 1 + fuzz_byte(), &chosen);
            (void)spawned_deterministic_digest(world.runtime, &chosen);
            break;
        case 3:
            (void)spawned_deterministic_step(world.runtime);
            break;
        case 4:
        case 5:
            (void)spawned_deterministic_advance(world.runtime, world_time());
            break;
        case 6:
            if (fuzz_below(8) == 0) (void)spawned_runtime_shutdown(world.runtime, world_time());
            break;
        case 7:
            if (context == NULL && world.inside == 0 && fuzz_below(8) == 0) {
                world_end_runtime();
                world_begin_runtime();
            }
            break;
        default:
            (void)spawned_deterministic_run(world.runtime, 1 + fuzz_byte(), NULL);
            break;
    }
}

void world_act(spawned_context *context) {
    switch (fuzz_below(22)) {
        case 0:
        case 1:
            world_start_actor();
            break;
        case 2:
        case 3:
        case 4:
            send_somehow();
            break;
        case 5:
        case 6:
            send_value();
            break;
        case 7:
            use_response();
            break;
        case 8:
            make_response();
            break;
        case 9:
            use_reply();
            break;
        case 10:
            end_or_watch();
            break;
        case 11:
            use_names();
            break;
        case 12: {
            spawned_message **place = world_message();
            if (*place == NULL) *place = world_new_message();
            break;
        }
        case 13:
            world_use_sources();
            break;
        case 14:
        case 15:
            world_bind_ends(context);
            break;
        case 16:
        case 17:
            world_supervise();
            break;
        case 18:
            world_use_groups();
            break;
        case 19:
            world_use_tasks();
            break;
        default:
            look_and_drive(context);
            break;
    }
}
