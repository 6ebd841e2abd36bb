// Who waits for whom. Every waiting actor has at most one edge: the actor that has the duty to answer
// it. A waiter writes its edge first and looks for a circle then, so of two that close one
// at least one sees it. The walk runs twice: an edge that carries the same serial both times stood all
// the while, so a circle seen twice was a circle at one moment.
#include <string.h>

#include "actor/block.hpp"
#include "actor/reply.hpp"

namespace spawned::engine {

namespace {

constexpr uint32_t longest_walk = 1024;

struct walk {
    uint32_t length;
    uint64_t digest;  // of the serials met
    bool closed;
};

void append(char* names, size_t capacity, size_t* length, const char* more) {
    for (; *more != 0 && *length + 1 < capacity; ++more) names[(*length)++] = *more;
    names[*length] = 0;
}

// With a capacity of 0 no names are written.
walk follow(core& home, const actor& self, spawned_pid target, char* names, size_t capacity) {
    walk w = {0, 0, false};
    size_t length = 0;
    if (capacity != 0) append(names, capacity, &length, self.kind->table.name);
    const spawned_pid me = self.pid.load_relaxed();
    spawned_pid next = target;
    while (next != 0 && w.length < longest_walk) {
        actor* at = actor_of(home, next);
        if (at == nullptr) return w;
        if (capacity != 0) {
            append(names, capacity, &length, " -> ");
            append(names, capacity, &length, kind_seen(*at)->table.name);
        }
        if (next == me) {
            w.closed = true;
            return w;
        }
        const auxiliary* aux = at->aux.load_acquire();
        if (aux == nullptr) return w;
        const uint64_t serial = aux->wait_serial.load_seq_cst();
        const uint64_t edge = aux->waits_for.load_seq_cst();
        next = (edge & edge_is_unsure) != 0 ? 0 : id_of_edge(edge, home.index);
        w.digest = w.digest * 31 + serial * 0x9e3779b97f4a7c15u + next;
        ++w.length;
    }
    return w;
}

}  // namespace

void set_wait_edge(auxiliary& aux, message& m, const actor& self) {
    request& asked = request_of(m);
    const uint64_t wait = aux.wait_serial.load_relaxed() + 1;
    clear_wait_edge(aux);  // one that ask has begun would not be found under the new number
    aux.wait_serial.store_seq_cst(wait);
    asked.asker.store_seq_cst(edge_to(self.pid.load_relaxed(), wait));
    // The duty may be moved on before it can be seen whose edge to move. Afterwards whoever moves it finds
    // the edge, unsure or not.
    for (uint64_t holder = asked.holder.load_seq_cst(), seen;; holder = seen) {
        const uint64_t edge = edge_to(holder, wait);
        uint64_t unsure = holder == 0 ? 0 : edge | edge_is_unsure;
        aux.waits_for.store_seq_cst(unsure);
        seen = asked.holder.load_seq_cst();
        if (seen != holder) continue;
        (void)aux.waits_for.cas_seq_cst(unsure, edge);
        return;
    }
}

bool closes_circle(core& home, const actor& self, spawned_pid target, char* names,
                   size_t capacity) {
    const walk first = follow(home, self, target, names, 0);
    if (!first.closed) return false;
    const walk second = follow(home, self, target, names, capacity);
    return second.closed && second.length == first.length && second.digest == first.digest;
}

bool must_not_wait(core& home, const actor& self, auxiliary& aux, spawned_pid target, char* names,
                   size_t capacity) {
    if (target == 0 || !closes_circle(home, self, target, names, capacity)) return false;
    lock_guard guard(home.circle_lock);
    const uint64_t mine = aux.waits_for.load_seq_cst();
    if (!closes_circle(home, self, id_of_edge(mine, home.index), names, capacity)) return false;
    // Who has answered meanwhile may well ask back.
    if (aux.waits_for.load_seq_cst() != mine) return false;
    clear_wait_edge(aux);
    return true;
}

text* refuse_circle(core& home, const actor& self, const char* names) {
    if (thread* here = current_thread(home)) here->counts.deadlocks_refused.add(1);
    log_event(home, SPAWNED_LOG_WARNING, &self, nullptr, 0, "deadlock refused: %s", names);
    return new_text(home, names, strlen(names));
}

}  // namespace spawned::engine
