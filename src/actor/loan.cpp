// What a suspended handler has lent to blocking work comes back before the handler is dropped.
#include "actor/await.hpp"

#include "actor/reply.hpp"
#include "actor/watch.hpp"

namespace spawned::engine {

namespace {

bool is_done(void* argument) {
    return (request_of(*static_cast<message*>(argument)).word.load() &
            reply_word<hardware>::done) != 0;
}

// Blocking work that uses, or will use, what the handler has.
bool is_lent(spawned_response* response) {
    if (is_error(response)) return false;
    message& m = asked_of(response);
    return m.kind == message_kind::promise && m.has(message_lent) && !is_done(&m);
}

// Work that has not begun goes with the actor's watches, which end here in any case.
bool take_back(core& home, actor& a, const auxiliary& aux) {
    bool lends = false;
    for (size_t i = 0; i < aux.count && !lends; ++i) lends = is_lent(aux.responses[i]);
    if (lends) end_as_watcher(home, a, a.pid.load_relaxed());
    return lends;
}

// Whoever waited for it before is forgotten. False: it is over.
bool wait_instead(auxiliary& aux, size_t i, waiter_kind kind, void* waiter) {
    if (!is_lent(aux.responses[i])) return false;
    request& asked = request_of(asked_of(aux.responses[i]));
    (void)asked.word.clear_waiter();
    return asked.word.set_waiter(kind, waiter);
}

}  // namespace

bool await_loans(core& home, actor& a, auxiliary& aux) {
    if (!aux.awaiting || !take_back(home, a, aux)) return false;
    bool lends = false;
    aux.waiters_set = true;
    for (size_t i = 0; i < aux.count; ++i)
        if (wait_instead(aux, i, waiter_kind::actor, &a)) lends = true;
    return lends;
}

bool return_loans(thread& self, core& home, actor& a, auxiliary& aux) {
    if (!take_back(home, a, aux)) return true;
    for (size_t i = 0; i < aux.count; ++i)
        if (wait_instead(aux, i, waiter_kind::thread, &self) &&
            wait_until(self, is_done, &asked_of(aux.responses[i]), UINT64_MAX) != waited::ready)
            return false;
    return true;
}

}  // namespace spawned::engine
