// An intrusive circular list: no allocation, removal in constant time without knowing the list.
// An element inherits a list_link per list it can be in, told apart by Tag. The list does not own.
#pragma once

#include "base/assert.hpp"

namespace spawned::engine {

template <class Tag = void>
struct list_link {
    list_link* next = nullptr;  // null when in no list
    list_link* previous = nullptr;

    bool is_linked() const { return next != nullptr; }
};

template <class T, class Tag = void>
class list {
public:
    using link = list_link<Tag>;

    constexpr list() { head_.next = head_.previous = &head_; }
    list(const list&) = delete;
    list& operator=(const list&) = delete;

    bool empty() const { return head_.next == &head_; }

    void push_back(T* element) { insert_before(&head_, element); }
    void push_front(T* element) { insert_before(head_.next, element); }

    // nullptr when empty.
    T* front() const { return element_of(head_.next); }

    // The element behind this one, or nullptr at the end.
    T* next(const T* element) const { return element_of(static_cast<const link*>(element)->next); }

    T* pop_front() {
        T* first = front();
        if (first != nullptr) remove(first);
        return first;
    }

    // The element must be in a list of this tag.
    static void remove(T* element) {
        link* node = element;
        SPAWNED_DEBUG_ASSERT(node->is_linked());
        node->previous->next = node->next;
        node->next->previous = node->previous;
        node->next = node->previous = nullptr;
    }

    // Moves everything in other to the end of this list, in order.
    void splice(list& other) {
        if (other.empty()) return;
        link* first = other.head_.next;
        link* last = other.head_.previous;
        first->previous = head_.previous;
        head_.previous->next = first;
        last->next = &head_;
        head_.previous = last;
        other.head_.next = other.head_.previous = &other.head_;
    }

private:
    static void insert_before(link* place, T* element) {
        link* node = element;
        SPAWNED_DEBUG_ASSERT(!node->is_linked());
        node->next = place;
        node->previous = place->previous;
        place->previous->next = node;
        place->previous = node;
    }

    T* element_of(link* node) const { return node == &head_ ? nullptr : static_cast<T*>(node); }

    link head_;
};

}  // namespace spawned::engine
