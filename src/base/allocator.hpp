// Where the engine's memory comes from: two functions and their user data, per runtime. Sizes are
// given back, so an allocator needs no headers of its own.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace spawned::engine {

struct allocator {
    void* (*allocate)(std::size_t bytes, std::size_t alignment, void* user_data);
    void (*deallocate)(void* memory, std::size_t bytes, std::size_t alignment, void* user_data);
    void* user_data;
    void (*destroy)(
        void* user_data);  // may be null; called by whoever owns the runtime's last memory

    void* get(std::size_t bytes, std::size_t alignment) const {
        return allocate(bytes, alignment, user_data);
    }
    void put(void* memory, std::size_t bytes, std::size_t alignment) const {
        deallocate(memory, bytes, alignment, user_data);
    }
};

// The C library's.
allocator default_allocator();

// A constructed object, or nullptr when there is no memory.
template <class T, class... Arguments>
T* create(const allocator& memory, Arguments&&... arguments) {
    void* place = memory.get(sizeof(T), alignof(T));
    return place == nullptr ? nullptr : ::new (place) T(std::forward<Arguments>(arguments)...);
}

// Ends what create made; a null object is allowed.
template <class T>
void destroy(const allocator& memory, T* object) {
    if (object == nullptr) return;
    object->~T();
    memory.put(object, sizeof(T), alignof(T));
}

}  // namespace spawned::engine
