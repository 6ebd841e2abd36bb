# How tests are declared. A test's source may carry markers in a comment within its first five lines,
# one on a line:
#   modes: <list>     tests/c only: the modes it runs in, or none
#   timeout: <number> seconds, in place of SPAWNED_TEST_TIMEOUT
#   labels: <list>    more labels; long keeps it out of the everyday run

# spawned_marker(<variable> <source> <marker>): the marker's words as a list, or an empty list.
function(spawned_marker variable source marker)
    file(STRINGS ${source} lines LIMIT_COUNT 5 ENCODING UTF-8)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    set(words "")
    foreach(line IN LISTS lines)
        if(line MATCHES "[a-z]+:.*${marker}:|${marker}:.*[a-z]+:")
            message(FATAL_ERROR "${source}: one marker on a line: ${line}")
        elseif(line MATCHES "(^|[^a-z])${marker}: *([a-z0-9, ]+)")
            string(REGEX MATCHALL "[a-z0-9]+" words "${CMAKE_MATCH_2}")
        endif()
    endforeach()
    set(${variable} "${words}" PARENT_SCOPE)
endfunction()

# spawned_add_test(<name> LABELS <list> [SOURCE <file with markers>] COMMAND <command>)
function(spawned_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 test "" "SOURCE;TIMEOUT" "LABELS;COMMAND")
    set(timeout ${SPAWNED_TEST_TIMEOUT})
    if(test_TIMEOUT)
        set(timeout ${test_TIMEOUT})
    endif()
    if(test_SOURCE)
        spawned_marker(marked_labels ${test_SOURCE} labels)
        spawned_marker(marked_timeout ${test_SOURCE} timeout)
        list(APPEND test_LABELS ${marked_labels})
        if(marked_timeout)
            set(timeout ${marked_timeout})
        endif()
    endif()
    add_test(NAME ${name} COMMAND ${test_COMMAND})
    set_tests_properties(${name} PROPERTIES LABELS "${test_LABELS}" TIMEOUT ${timeout})
endfunction()

# spawned_test_program(<target> <sources…>): a program of the project, in C11 or C++20.
function(spawned_test_program target)
    add_executable(${target} ${ARGN})
    target_compile_features(${target} PRIVATE c_std_11 cxx_std_20)
    target_link_libraries(${target} PRIVATE spawned_warnings spawned_sanitizers Threads::Threads)
endfunction()

# spawned_gtest_program(<target> <prefix> HEADERS <headers> SOURCES <sources…>): a program of GoogleTest, each
# of whose tests is one of ours named <prefix>.<suite>.<test>. HEADERS are parsed once for all its sources.
function(spawned_gtest_program target prefix)
    cmake_parse_arguments(PARSE_ARGV 2 program "" "" "HEADERS;SOURCES")
    find_package(GTest REQUIRED)
    include(GoogleTest)
    spawned_test_program(${target} ${program_SOURCES})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${target} PRIVATE GTest::gtest_main)
    target_precompile_headers(${target} PRIVATE <gtest/gtest.h> ${program_HEADERS})
    # Optimising GoogleTest's macros takes most of the time of a build, and nothing is gained by it.
    target_compile_options(${target} PRIVATE -O0)
    # Listed when the tests run: a build needs not to run a sanitized program.
    gtest_discover_tests(${target}
        TEST_PREFIX ${prefix}.
        DISCOVERY_MODE PRE_TEST
        PROPERTIES LABELS unit TIMEOUT ${SPAWNED_TEST_TIMEOUT})
endfunction()
