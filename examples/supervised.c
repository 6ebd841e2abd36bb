/* A shop whose clerks break down at random, again and again, and whose customers never notice: a supervisor
 * starts each clerk anew, under its name, and who waited for an answer asks again.
 *
 *   cc supervised.c $(pkg-config --cflags --libs spawned) -o supervised && ./supervised */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <spawned.h>

enum { CLERKS = 3, ORDERS = 200, NAME_SIZE = 16 };

typedef struct {
    uint64_t number;
    uint32_t attempt;
} order;
typedef struct {
    char clerk[NAME_SIZE];
} visit;

static const spawned_message_type squared_type = SPAWNED_MESSAGE_TYPE("clerk.squared", uint64_t);
static const spawned_message_type square_type =
    SPAWNED_REQUEST_TYPE("clerk.square", order, &squared_type);
static const spawned_message_type right_type = SPAWNED_MESSAGE_TYPE("customer.right", uint32_t);
static const spawned_message_type visit_type =
    SPAWNED_REQUEST_TYPE("customer.visit", visit, &right_type);

/* A number that only looks like chance, so that every run has the same accidents. */
static uint64_t chance(uint64_t of) {
    of = (of ^ (of >> 30)) * 0xBF58476D1CE4E5B9u;
    of = (of ^ (of >> 27)) * 0x94D049BB133111EBu;
    return of ^ (of >> 31);
}

/* A clerk: its state is its seed, the child's argument. */
static spawned_status hire(void *state, void *argument, void *user_data) {
    (void)user_data;
    *(uint64_t *)state = *(const uint64_t *)argument;
    return SPAWNED_OK;
}

static spawned_status on_square(spawned_context *context, void *state, void *value) {
    const order *asked = value;
    if (chance(*(uint64_t *)state + asked->number * 64 + asked->attempt) % 8 == 0)
        return spawned_fail(1, "a breakdown", SPAWNED_ZERO_TERMINATED);
    const uint64_t square = asked->number * asked->number;
    return spawned_reply(context, &square);
}

static const spawned_handler clerk_handlers[] = {{&square_type, on_square}};
static const spawned_behavior clerk = {SPAWNED_BEHAVIOR_INIT("clerk"),
                                       .state_size = sizeof(uint64_t),
                                       SPAWNED_HANDLERS(clerk_handlers), .init = hire};

/* A customer lives where it may block. */
static spawned_status pause_for(spawned_runtime *runtime, spawned_duration time) {
    spawned_response *over = NULL;
    spawned_status status = spawned_sleep(runtime, time, &over);
    if (status != SPAWNED_OK) return status;
    status = spawned_response_wait(over, SPAWNED_FOREVER);
    spawned_response_release(over);
    return status;
}

/* Asks whoever has the name just now, until somebody answers. */
static spawned_status square(spawned_runtime *runtime, const char *name, uint64_t number,
                             uint64_t *out_square) {
    order asked = {number, 0};
    for (;;) {
        spawned_pid pid = 0;
        spawned_status status =
            spawned_registry_whereis(runtime, name, SPAWNED_ZERO_TERMINATED, &pid);
        if (status == SPAWNED_ENOENT) { /* between two lives */
            status = pause_for(runtime, SPAWNED_MILLISECOND);
            if (status == SPAWNED_OK) continue;
        }
        if (status != SPAWNED_OK) return status;
        status = spawned_request(pid, &square_type, &asked, SPAWNED_FOREVER, out_square);
        if (status == SPAWNED_OK) return SPAWNED_OK;
        status = spawned_actor_join(pid, SPAWNED_FOREVER); /* and so its name is free */
        if (status != SPAWNED_OK) return status;
        asked.attempt++;
    }
}

/* Answers how many answers were right. */
static spawned_status on_visit(spawned_context *context, void *state, void *value) {
    const visit *where = value;
    uint32_t right = 0;
    (void)state;
    for (uint64_t number = 1; number <= ORDERS; number++) {
        uint64_t answer = 0;
        const spawned_status status =
            square(spawned_context_runtime(context), where->clerk, number, &answer);
        if (status != SPAWNED_OK) return status;
        right += answer == number * number;
    }
    return spawned_reply(context, &right);
}

static const spawned_handler customer_handlers[] = {{&visit_type, on_visit}};
static const spawned_behavior customer = {SPAWNED_BEHAVIOR_INIT("customer"),
                                          SPAWNED_HANDLERS(customer_handlers)};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "supervised: %s\n", spawned_status_text(status));
    exit(1);
}

static void name_clerk(unsigned i, char *name) {
    (void)snprintf(name, NAME_SIZE, "clerk %u", i + 1);
}

/* The seeds stay where they are for as long as clerks are hired. */
static spawned_pid open_shop(spawned_runtime *runtime) {
    static uint64_t seeds[CLERKS];
    char names[CLERKS][NAME_SIZE];
    spawned_actor_options options[CLERKS];
    spawned_child clerks[CLERKS];
    const spawned_child *children[CLERKS];
    for (unsigned i = 0; i < CLERKS; i++) {
        seeds[i] = (uint64_t)i << 32;
        name_clerk(i, names[i]);
        options[i] = (spawned_actor_options){.size = sizeof options[i], .name = names[i]};
        clerks[i] = (spawned_child){SPAWNED_CHILD_INIT(names[i]), .behavior = &clerk,
                                    .options = &options[i], .argument = &seeds[i]};
        children[i] = &clerks[i];
    }
    const spawned_supervisor description = {SPAWNED_SUPERVISOR_INIT("shop"), .intensity = 1000,
                                            .period = SPAWNED_SECOND, SPAWNED_CHILDREN(children)};
    spawned_pid shop = 0;
    must(spawned_supervisor_start(runtime, &description, NULL, &shop));
    return shop;
}

static void serve_customers(spawned_runtime *runtime) {
    const spawned_actor_options blocking = {.size = sizeof blocking,
                                            .backend = SPAWNED_BACKEND_BLOCKING};
    spawned_response *visits[CLERKS];
    for (unsigned i = 0; i < CLERKS; i++) {
        spawned_pid pid = 0;
        spawned_message *message = NULL;
        visit where;
        name_clerk(i, where.clerk);
        must(spawned_actor_start(runtime, &customer, &blocking, &pid));
        must(spawned_message_create(pid, &visit_type, &where, &message));
        must(spawned_message_request(message, SPAWNED_FOREVER, &visits[i]));
    }
    for (unsigned i = 0; i < CLERKS; i++) {
        uint32_t right = 0;
        must(spawned_response_wait(visits[i], SPAWNED_FOREVER));
        must(spawned_response_take(visits[i], &right));
        spawned_response_release(visits[i]);
        printf("customer %u: %d orders, %" PRIu32 " right answers\n", i + 1, ORDERS, right);
    }
}

int main(void) {
    spawned_runtime *runtime = NULL;
    must(spawned_runtime_create(NULL, &runtime));
    const spawned_pid shop = open_shop(runtime);
    serve_customers(runtime);

    spawned_child_info clerks[CLERKS];
    size_t count = 0;
    must(spawned_supervisor_children(shop, SPAWNED_DEFAULT, clerks, sizeof clerks[0], CLERKS,
                                     &count));
    for (size_t i = 0; i < count; i++)
        printf("%s broke down and was started anew %" PRIu32 " times\n", clerks[i].id,
               clerks[i].restarts);

    spawned_exit exit = SPAWNED_EXIT_INIT;
    must(spawned_actor_stop(shop));
    must(spawned_actor_join(shop, SPAWNED_FOREVER));
    must(spawned_actor_exit_reason(shop, &exit, NULL, 0));
    printf("the shop closed: %s\n", spawned_exit_kind_name(exit.kind));
    must(spawned_runtime_destroy(runtime));
    return 0;
}
