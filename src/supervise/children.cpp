// A supervisor's table of children: in the order of their starts, and by their pids.
#include <string.h>

#include <new>

#include "actor/block.hpp"
#include "actor/pid.hpp"
#include "actor/reply.hpp"
#include "supervise/supervisor.hpp"

namespace spawned::engine {

namespace {

constexpr uint64_t first_table = 16;

size_t child_bytes(const child& one) {
    return sizeof(child) + (one.own_spec ? sizeof(child_spec) : 0);
}

void free_child(core& home, child& one) {
    while (waiter* next = one.waiting) {
        one.waiting = next->next;
        resolve_with(home, *next->asked, SPAWNED_ESTOPPED, nullptr, holds::a_handle);
        destroy(home.memory, next);
    }
    const size_t bytes = child_bytes(one);
    if (one.own_spec) end_child_spec(home, *own_spec_of(one));
    home.memory.put(&one, bytes, alignof(child));
}

void answer(core& home, message& asked, spawned_pid pid) {
    void* storage = reply_storage(home, asked, sizeof pid);
    if (storage != nullptr) {
        request_of(asked).reply = storage;
        request_of(asked).reply_size = sizeof pid;
        memcpy(storage, &pid, sizeof pid);
    }
    resolve_with(home, asked, storage != nullptr ? SPAWNED_OK : SPAWNED_ENOMEM, nullptr,
                 holds::a_handle);
}

child** chain_of(const supervisor& self, spawned_pid pid) {
    return &self.table[(slot_of(pid) * 0x9e3779b1u >> 4) & (self.table_size - 1)];
}

// Without memory the chains grow longer.
void grow_table(supervisor& self) {
    const uint64_t wanted = self.table_size == 0 ? first_table : self.table_size * 2;
    const allocator& memory = self.home->memory;
    auto** table = static_cast<child**>(memory.get(sizeof(child*) * wanted, alignof(child*)));
    if (table == nullptr) return;
    memset(table, 0, sizeof(child*) * wanted);
    if (self.table != nullptr)
        memory.put(self.table, sizeof(child*) * self.table_size, alignof(child*));
    self.table = table;
    self.table_size = wanted;
    self.there = 0;
    for (child* one = self.first; one != nullptr; one = one->after)
        if (one->pid != 0) enter_pid(self, *one);
}

void take_out(supervisor& self, child& one) {
    (one.before != nullptr ? one.before->after : self.first) = one.after;
    (one.after != nullptr ? one.after->before : self.last) = one.before;
    if (self.round_from == &one) self.round_from = one.after;
    if (self.round_at == &one)
        self.round_at = self.round == round_step::stopping ? one.before : one.after;
    if (self.round_pause == &one) self.round_pause = nullptr;
    if (self.ending_at == &one) self.ending_at = one.before;
    --self.count;
}

}  // namespace

child_spec* own_spec_of(child& one) { return reinterpret_cast<child_spec*>(&one + 1); }

child* add_child(supervisor& self, const child_spec* spec) {
    if (self.count >= self.table_size) grow_table(self);
    if (self.table_size == 0) return nullptr;
    const size_t bytes = sizeof(child) + (spec == nullptr ? sizeof(child_spec) : 0);
    void* place = self.home->memory.get(bytes, alignof(child));
    if (place == nullptr) return nullptr;
    auto* one = ::new (place) child{};
    one->own_spec = spec == nullptr;
    one->spec = spec != nullptr ? spec : ::new (own_spec_of(*one)) child_spec{};
    one->wanted = true;
    one->place = self.next_place++;
    one->before = self.last;
    (self.last != nullptr ? self.last->after : self.first) = one;
    self.last = one;
    ++self.count;
    return one;
}

void forget_child(supervisor& self, child& one) {
    disarm(self, one);
    take_out(self, one);
    if (one.due == 0) {
        free_child(*self.home, one);
        return;
    }
    one.forgotten = true;
    one.before = nullptr;
    one.after = self.ghosts;
    if (self.ghosts != nullptr) self.ghosts->before = &one;
    self.ghosts = &one;
}

void free_ghost(supervisor& self, child& one) {
    (one.before != nullptr ? one.before->after : self.ghosts) = one.after;
    if (one.after != nullptr) one.after->before = one.before;
    free_child(*self.home, one);
}

child* find_child(const supervisor& self, const char* id, size_t length) {
    for (child* one = self.first; one != nullptr; one = one->after)
        if (one->spec->id != nullptr && strncmp(one->spec->id, id, length) == 0 &&
            one->spec->id[length] == 0)
            return one;
    return nullptr;
}

child* find_child(const supervisor& self, spawned_pid pid) {
    if (self.table_size == 0 || pid == 0) return nullptr;
    child* one = *chain_of(self, pid);
    while (one != nullptr && one->pid != pid) one = one->chain;
    return one;
}

void enter_pid(supervisor& self, child& one) {
    child** chain = chain_of(self, one.pid);
    one.chain = *chain;
    *chain = &one;
    ++self.there;
}

void leave_pid(supervisor& self, child& one) {
    child** link = chain_of(self, one.pid);
    while (*link != &one) link = &(*link)->chain;
    *link = one.chain;
    one.pid = 0;
    --self.there;
}

void free_children(supervisor& self) {
    core& home = *self.home;
    for (child** all : {&self.first, &self.ghosts})
        while (child* one = *all) {
            *all = one->after;
            free_child(home, *one);
        }
    if (self.table != nullptr)
        home.memory.put(self.table, sizeof(child*) * self.table_size, alignof(child*));
}

void free_remains(core& home, child* remains) {
    while (child* one = remains) {
        remains = one->after;
        free_child(home, *one);
    }
}

bool add_waiter(supervisor& self, child& one, bool for_start) {
    auto* added = create<waiter>(self.home->memory);
    if (added == nullptr) return false;
    message& asked = *current_thread(*self.home)->top->current;
    *added = {one.waiting, &asked, for_start};
    one.waiting = added;
    asked.unset(message_exclusive);
    asked.set(message_answered);
    move_holder(*self.home, asked, 0);
    return true;
}

void answer_waiters(supervisor& self, child& one, bool for_start, spawned_status status,
                    const char* text) {
    core& home = *self.home;
    const size_t text_length = text != nullptr ? strlen(text) : 0;
    waiter** link = &one.waiting;
    while (waiter* next = *link) {
        if (next->for_start != for_start) {
            link = &next->next;
            continue;
        }
        *link = next->next;
        if (status == SPAWNED_OK)
            answer(home, *next->asked, one.pid);
        else
            resolve_with(home, *next->asked, status, new_text(home, text, text_length),
                         holds::a_handle);
        destroy(home.memory, next);
    }
}

}  // namespace spawned::engine
