/* What feeds the actors of the fuzzer's world from outside: listeners that push or are asked, and signals,
 * which in a deterministic runtime only the world raises. */
#include <signal.h>

#include "world.h"

/* The user data of every listener. */
static void note_call(void *user_data) { (void)user_data; }
static void note_end(void *user_data) { --*(int64_t *)user_data; }

static spawned_status next_item(void *user_data, void *value) {
    FUZZ_CHECK(*(int64_t *)user_data > 0);
    if (!fuzz_more()) return SPAWNED_ENOENT;
    switch (fuzz_below(8)) {
        case 0:
            return SPAWNED_ENOENT;
        case 1:
            return spawned_fail(7, "no item", SPAWNED_ZERO_TERMINATED);
        case 2:
            ++world.inside;
            world_act(NULL);
            --world.inside;
            return SPAWNED_EAGAIN;
        default:
            *(fuzz_value *)value = fuzz_new_value(10);
            return SPAWNED_OK;
    }
}

static uint64_t any_token(void) { return fuzz_below(2) == 0 ? 0 : world_any_number(); }

static void create_listener(spawned_listener **place) {
    spawned_response *response = NULL;
    spawned_listener_end(*place, SPAWNED_OK, NULL, 0);
    *place = NULL;
    ++world.sources;
    const spawned_status status =
        spawned_listener_create(world_any_number(), any_token(), note_call, &world.sources,
                                note_end, place, &response);
    FUZZ_CHECK((status == SPAWNED_OK) == (*place != NULL));
    FUZZ_CHECK(response != NULL);
    world_keep_response(response);
}

static void push(spawned_listener *listener) {
    spawned_message **place = world_message();
    spawned_message *message = *place != NULL ? *place : world_new_message();
    *place = NULL;
    if (message == NULL || spawned_listener_push(listener, message) == SPAWNED_OK) return;
    if (*place == NULL)
        *place = message; /* to be pushed again */
    else
        spawned_message_destroy(message);
}

static void listen(void) {
    const spawned_message_type *type = world_any_type();
    spawned_response *response = NULL;
    ++world.sources;
    const spawned_status status = spawned_listen(world_any_number(), type, next_item,
                                                 &world.sources, note_end, any_token(), &response);
    FUZZ_CHECK(status != SPAWNED_OK || (type->flags & SPAWNED_TYPE_VARIABLE) == 0);
    FUZZ_CHECK(response != NULL);
    world_keep_response(response);
}

static int any_signal(void) {
    static const int signals[] = {SIGHUP, SIGWINCH, SIGCONT, SIGKILL, SIGSEGV, 0, 65, -1};
    return signals[fuzz_below(sizeof signals / sizeof *signals)];
}

static void subscribe(void) {
    spawned_message *message = world_new_message();
    spawned_event event = 0;
    if (message == NULL) return;
    if (spawned_send_on_signal(any_signal(), message, fuzz_below(5), &event) == SPAWNED_OK)
        world_keep(event);
}

void world_use_sources(void) {
    spawned_listener **place = &world.listeners[fuzz_below(objects)];
    spawned_response *response = NULL;
    switch (fuzz_below(10)) {
        case 0:
        case 1:
            create_listener(place);
            break;
        case 2:
            spawned_listener_end(*place, (spawned_status)fuzz_byte() - 100, "over", fuzz_below(5));
            *place = NULL;
            break;
        case 3:
            listen();
            break;
        case 4:
            subscribe();
            break;
        case 5:
            (void)spawned_signal_response(world.runtime, any_signal(), fuzz_below(3), world_time(),
                                          &response);
            FUZZ_CHECK(response != NULL);
            world_keep_response(response);
            break;
        case 6:
            (void)spawned_signal_raise(world.runtime, any_signal());
            break;
        default:
            push(*place);
            break;
    }
}
