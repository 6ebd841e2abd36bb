// Requests: between actors, and from a thread outside the runtime.
#include "bench.hpp"
#include "cases.hpp"

namespace bench {

namespace {

const spawned_message_type answer_type = type_of<uint64_t>("bench.answer");
const spawned_message_type question_type = type_of<uint64_t>("bench.question", &answer_type);

spawned_status on_question(spawned_context* context, void*, void* value) {
    const uint64_t answer = *static_cast<uint64_t*>(value) + 1;
    return spawned_reply(context, &answer);
}

const spawned_handler answering[] = {{&question_type, on_question}};

spawned_behavior callee_behavior(uint32_t flags) {
    spawned_behavior behavior = behavior_of("callee", sizeof(uint64_t), answering);
    behavior.flags = flags;
    return behavior;
}
const spawned_behavior callee = callee_behavior(0);
const spawned_behavior callee_on_caller = callee_behavior(SPAWNED_BEHAVIOR_RUN_ON_CALLER);

// How an actor is told to ask, and its state while it does.
struct task {
    spawned_pid target;
    uint64_t left;
    finish* done;
    spawned_response* pending;
};

const spawned_message_type blocking_type = type_of<task>("bench.ask_blocking");
const spawned_message_type awaiting_type = type_of<task>("bench.ask_awaiting");

spawned_status on_blocking(spawned_context*, void*, void* value) {
    auto* asked = static_cast<task*>(value);
    for (uint64_t i = 0; i < asked->left; ++i) {
        uint64_t answer = 0;
        const spawned_status status =
            spawned_request(asked->target, &question_type, &i, SPAWNED_DEFAULT, &answer);
        if (status != SPAWNED_OK) return status;
    }
    asked->done->release();
    return SPAWNED_OK;
}

spawned_status ask_next(spawned_context* context, task& asked);

spawned_status on_answer(spawned_context* context, void* state, size_t, void*) {
    auto* asked = static_cast<task*>(state);
    uint64_t answer = 0;
    const spawned_status status = spawned_response_take(asked->pending, &answer);
    spawned_response_release(asked->pending);
    if (status != SPAWNED_OK) return status;
    if (--asked->left > 0) return ask_next(context, *asked);
    asked->done->release();
    return SPAWNED_OK;
}

spawned_status ask_next(spawned_context* context, task& asked) {
    spawned_message* message = nullptr;
    spawned_status status =
        spawned_message_create(asked.target, &question_type, &asked.left, &message);
    if (status != SPAWNED_OK) return status;
    status = spawned_message_request(message, SPAWNED_DEFAULT, &asked.pending);
    if (status != SPAWNED_OK) return status;
    return spawned_await(context, &asked.pending, 1, on_answer, nullptr, nullptr);
}

spawned_status on_awaiting(spawned_context* context, void* state, void* value) {
    auto* asked = static_cast<task*>(state);
    *asked = *static_cast<task*>(value);
    return ask_next(context, *asked);
}

const spawned_handler asking[] = {{&blocking_type, on_blocking}, {&awaiting_type, on_awaiting}};
const spawned_behavior asker = behavior_of("asker", sizeof(task), asking);

double ask_from_actor(const spawned_message_type& how, uint64_t amount) {
    fresh_runtime runtime(1);
    finish done(0);
    const task order = {runtime.start(callee), amount, &done, nullptr};
    const spawned_pid from = runtime.start(asker);
    const uint64_t begin = wall_ns();
    check(spawned_send(from, &how, &order), "send");
    done.acquire();
    return each(wall_ns() - begin, amount);
}

double ask_from_outside(const spawned_behavior& behavior, uint64_t amount) {
    fresh_runtime runtime(default_workers);
    const spawned_pid target = runtime.start(behavior);
    uint64_t answer = 0;
    const uint64_t begin = wall_ns();
    for (uint64_t i = 0; i < amount; ++i)
        check(spawned_request(target, &question_type, &i, SPAWNED_DEFAULT, &answer), "request");
    return each(wall_ns() - begin, amount);
}

}  // namespace

void actor_request_blocking(uint64_t amount, double* values) {
    values[0] = ask_from_actor(blocking_type, amount);
}

void actor_request_await(uint64_t amount, double* values) {
    values[0] = ask_from_actor(awaiting_type, amount);
}

void outside_request(uint64_t amount, double* values) {
    values[0] = ask_from_outside(callee, amount);
}

void outside_request_on_caller(uint64_t amount, double* values) {
    values[0] = ask_from_outside(callee_on_caller, amount);
}

}  // namespace bench
