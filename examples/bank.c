/* A bank: several requests to one actor, each with an answer of the same type. "Not a customer" is an
 * answer like any other; failures are kept for what should not happen.
 *
 *   cc bank.c $(pkg-config --cflags --libs spawned) -o bank && ./bank */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spawned.h>

typedef enum outcome { WELCOME, BALANCE, STRANGER, CUSTOMER, TOO_LITTLE, CLOSED } outcome;
static const char *const outcome_text[] = {
    "welcome", "balance", "not a customer", "already a customer", "insufficient balance", "closed"};

typedef struct order {
    char who[32];
    int64_t amount;
} order;
typedef struct answer {
    outcome outcome;
    int64_t balance;
} answer;

static const spawned_message_type answer_type = SPAWNED_MESSAGE_TYPE("bank.answer", answer);
static const spawned_message_type open_type =
    SPAWNED_REQUEST_TYPE("bank.open", order, &answer_type);
static const spawned_message_type deposit_type =
    SPAWNED_REQUEST_TYPE("bank.deposit", order, &answer_type);
static const spawned_message_type withdraw_type =
    SPAWNED_REQUEST_TYPE("bank.withdraw", order, &answer_type);
static const spawned_message_type close_type =
    SPAWNED_EMPTY_REQUEST_TYPE("bank.close", &answer_type);

/* The state is zeroed before started runs, as the behavior has no init. */
typedef struct bank {
    size_t count;
    order accounts[100];
} bank;

static order *find(bank *b, const char *who) {
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->accounts[i].who, who) == 0) return &b->accounts[i];
    return NULL;
}

static spawned_status started(spawned_context *context, void *state) {
    bank *b = state;
    (void)context;
    b->accounts[b->count++] = (order){"main", 1000};
    return SPAWNED_OK;
}

static spawned_status on_open(spawned_context *context, void *state, void *value) {
    bank *b = state;
    const order *wanted = value;
    const order *account = find(b, wanted->who);
    if (account != NULL) return spawned_reply(context, &(answer){CUSTOMER, account->amount});
    if (b->count == sizeof b->accounts / sizeof *b->accounts)
        return spawned_reply_fail(context, 1, "the books are full", SPAWNED_ZERO_TERMINATED);
    b->accounts[b->count++] = *wanted;
    return spawned_reply(context, &(answer){WELCOME, wanted->amount});
}

static spawned_status on_deposit(spawned_context *context, void *state, void *value) {
    const order *deposit = value;
    order *account = find(state, deposit->who);
    if (account == NULL) return spawned_reply(context, &(answer){STRANGER, 0});
    account->amount += deposit->amount;
    return spawned_reply(context, &(answer){BALANCE, account->amount});
}

static spawned_status on_withdraw(spawned_context *context, void *state, void *value) {
    const order *withdrawal = value;
    order *account = find(state, withdrawal->who);
    if (account == NULL) return spawned_reply(context, &(answer){STRANGER, 0});
    if (account->amount < withdrawal->amount)
        return spawned_reply(context, &(answer){TOO_LITTLE, account->amount});
    account->amount -= withdrawal->amount;
    return spawned_reply(context, &(answer){BALANCE, account->amount});
}

/* The last answer is still delivered: stopping ends the actor after this handler. */
static spawned_status on_close(spawned_context *context, void *state, void *value) {
    (void)state;
    (void)value;
    const spawned_status status = spawned_context_stop(context);
    return status == SPAWNED_OK ? spawned_reply(context, &(answer){CLOSED, 0}) : status;
}

static const spawned_handler handlers[] = {{&open_type, on_open},
                                           {&deposit_type, on_deposit},
                                           {&withdraw_type, on_withdraw},
                                           {&close_type, on_close}};
static const spawned_behavior bank_behavior = {SPAWNED_BEHAVIOR_INIT("bank"), sizeof(bank),
                                               SPAWNED_HANDLERS(handlers), .started = started};

static void must(spawned_status status) {
    if (status == SPAWNED_OK) return;
    (void)fprintf(stderr, "bank: %s\n", spawned_status_text(status));
    exit(1);
}

static void ask(spawned_pid pid, const spawned_message_type *type, order o) {
    answer a;
    must(spawned_request(pid, type, &o, SPAWNED_DEFAULT, &a));
    printf("%s %s %" PRId64 ": %s, %" PRId64 "\n", type->name, o.who, o.amount,
           outcome_text[a.outcome], a.balance);
}

int main(void) {
    spawned_runtime *runtime = NULL;
    spawned_pid pid = 0;
    answer last;
    must(spawned_runtime_create(NULL, &runtime));
    must(spawned_actor_start(runtime, &bank_behavior, NULL, &pid));
    ask(pid, &withdraw_type, (order){"main", 15});
    ask(pid, &deposit_type, (order){"Joe", 10});
    ask(pid, &open_type, (order){"Joe", 0});
    ask(pid, &open_type, (order){"Joe", 0});
    ask(pid, &deposit_type, (order){"Joe", 10});
    ask(pid, &deposit_type, (order){"Joe", 30});
    ask(pid, &withdraw_type, (order){"Joe", 15});
    ask(pid, &withdraw_type, (order){"Joe", 45});
    ask(pid, &withdraw_type, (order){"Joe", 25});
    must(spawned_request(pid, &close_type, NULL, SPAWNED_DEFAULT, &last));
    printf("bank.close: %s\n", outcome_text[last.outcome]);
    must(spawned_actor_join(pid, SPAWNED_DEFAULT));
    printf("afterwards: %s\n", spawned_status_text(spawned_send(pid, &close_type, NULL)));
    must(spawned_runtime_destroy(runtime));
    return 0;
}
