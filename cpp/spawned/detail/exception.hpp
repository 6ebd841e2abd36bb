// What becomes of an exception at the C boundary: a status with a text, "type: what it says". None goes
// through, but for a thread's cancellation, which must.
#pragma once

#include <spawned/actor.h>
#include <spawned/status.hpp>

#include <cxxabi.h>

#include <concepts>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <typeinfo>

namespace spawned::inline v0::detail {

// Who is told that a callback has failed: spawned_fail, or something of its shape.
template <class Fail>
concept Failing = requires(Fail& fail, const char* text) {
    { fail(spawned_status(), text, std::size_t()) } -> std::same_as<spawned_status>;
};

// Writes "type: words" without allocating but for the type's name, and fails with it.
template <Failing Fail>
spawned_status fail_with(Fail& fail, spawned_status code, const std::type_info* type,
                         std::string_view words) {
    int unused = 0;
    char* demangled =
        type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &unused) : nullptr;
    char text[1024];
    std::size_t length = 0;
    const auto add = [&](std::string_view more) {
        const std::size_t count = std::min(more.size(), sizeof text - length);
        std::memcpy(text + length, more.data(), count);
        length += count;
    };
    if (demangled != nullptr)
        add(demangled);
    else if (type != nullptr)
        add(type->name());
    if (!words.empty()) add(length != 0 ? ": " : ""), add(words);
    std::free(demangled);
    return fail(code == SPAWNED_OK ? SPAWNED_EFAILED : code, text, length);
}

// Inside a catch block: the exception being handled, as a failure.
template <Failing Fail>
spawned_status report_exception_to(Fail fail) {
    try {
        throw;
#ifdef __GLIBCXX__
    } catch (const abi::__forced_unwind&) {
        throw;
#endif
    } catch (const Error& error) {
        return fail_with(fail, c_status(error.code()), nullptr, error.text());
    } catch (const std::bad_alloc& error) {
        return fail_with(fail, SPAWNED_ENOMEM, &typeid(error), {});
    } catch (const std::exception& error) {
        return fail_with(fail, SPAWNED_EFAILED, &typeid(error), error.what());
    } catch (const std::string& words) {
        return fail_with(fail, SPAWNED_EFAILED, nullptr, words);
    } catch (const char* words) {
        return fail_with(fail, SPAWNED_EFAILED, nullptr, words != nullptr ? words : "");
    } catch (...) {
        return fail_with(fail, SPAWNED_EFAILED, abi::__cxa_current_exception_type(), {});
    }
}

// The same, as the failure of the running callback.
inline spawned_status report_exception() { return report_exception_to(spawned_fail); }

}  // namespace spawned::inline v0::detail
