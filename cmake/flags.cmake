# Compiler flags, as interface targets: what every target of the project gets, and what the engine gets.

add_library(spawned_warnings INTERFACE)
target_compile_options(spawned_warnings INTERFACE -Wall -Wextra $<$<BOOL:${SPAWNED_WERROR}>:-Werror>)

# Sanitizers reach the tests and examples too: their programs must be linked with the same runtime.
add_library(spawned_sanitizers INTERFACE)
if(SPAWNED_SANITIZE)
    set(sanitizer_flags -fsanitize=${SPAWNED_SANITIZE} -fno-sanitize-recover=all)
    # clang's "function" check needs RTTI, which the engine is built without.
    if(SPAWNED_SANITIZE MATCHES undefined AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
        list(APPEND sanitizer_flags -fno-sanitize=function)
    endif()
    # What gcc defines and the tests ask for.
    if(SPAWNED_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
        target_compile_definitions(spawned_sanitizers INTERFACE __SANITIZE_ADDRESS__)
    endif()
    if(SPAWNED_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
        target_compile_definitions(spawned_sanitizers INTERFACE __SANITIZE_THREAD__)
    endif()
    target_compile_options(spawned_sanitizers INTERFACE ${sanitizer_flags} -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        # Through its own instrumentation gcc 12 sees values that are not initialised, and texts that are cut. What it
        # warns of without is an error in the other builds.
        target_compile_options(spawned_sanitizers INTERFACE -Wno-error)
    endif()
    target_link_options(spawned_sanitizers INTERFACE ${sanitizer_flags})
endif()

# What code that includes engine headers needs, the engine's own tests included.
add_library(spawned_internal INTERFACE)
target_compile_features(spawned_internal INTERFACE cxx_std_20)
target_include_directories(spawned_internal INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
target_compile_definitions(spawned_internal INTERFACE
    $<$<BOOL:${SPAWNED_BYPASS_POOLS}>:SPAWNED_BYPASS_POOLS=1>)

# The engine and the ABI boundary: C++20 that needs no C++ run-time library.
add_library(spawned_engine_flags INTERFACE)
target_link_libraries(spawned_engine_flags INTERFACE
    spawned_warnings spawned_sanitizers spawned_internal)
target_compile_options(spawned_engine_flags INTERFACE
    -Wpedantic -Wconversion -Wshadow
    -fno-exceptions -fno-rtti -fno-threadsafe-statics
    -ftls-model=initial-exec -fno-plt)
