# The library, shared and static, from one set of objects; and the C++ layer, which is headers only.

file(GLOB engine_sources CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/*/*.cpp ${PROJECT_SOURCE_DIR}/c/*.cpp)

add_library(spawned_objects OBJECT ${engine_sources})
set_target_properties(spawned_objects PROPERTIES
    CXX_EXTENSIONS OFF
    POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
# A build that is made anew for one run of the tests compiles the engine as one: a tenth of the time.
option(SPAWNED_ENGINE_AS_ONE "Compile the engine as one translation unit" OFF)
if(SPAWNED_ENGINE_AS_ONE)
    set_target_properties(spawned_objects PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    # Names of one file may stand in the scope of another's.
    set_source_files_properties(${engine_sources} PROPERTIES COMPILE_OPTIONS -Wno-shadow)
endif()
target_include_directories(spawned_objects PUBLIC ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(spawned_objects PRIVATE spawned_engine_flags PkgConfig::LIBUV Threads::Threads)

add_library(spawned SHARED $<TARGET_OBJECTS:spawned_objects>)
add_library(spawned_static STATIC $<TARGET_OBJECTS:spawned_objects>)
add_library(spawned::spawned ALIAS spawned)
add_library(spawned::spawned_static ALIAS spawned_static)

# Linked by the C driver, and without the libraries that CMake adds for C++ objects: a user of the
# library needs no C++ run time, and a reference to it must fail here.
set(CMAKE_CXX_IMPLICIT_LINK_LIBRARIES "")
foreach(library spawned spawned_static)
    set_target_properties(${library} PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME spawned)
    target_include_directories(${library} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(${library} PRIVATE PkgConfig::LIBUV Threads::Threads
        $<BUILD_INTERFACE:spawned_sanitizers>)
endforeach()

set(version_script ${PROJECT_SOURCE_DIR}/c/spawned.map)
set_target_properties(spawned PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}
    LINK_DEPENDS ${version_script})
# nodelete: threads and their keys may outlive a dlclose.
target_link_options(spawned PRIVATE
    -Wl,--version-script=${version_script}
    -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now)
# A sanitizer's symbols are resolved by the program.
if(NOT SPAWNED_SANITIZE)
    target_link_options(spawned PRIVATE -Wl,-z,defs)
endif()

add_library(spawned_cpp INTERFACE)
add_library(spawned::cpp ALIAS spawned_cpp)
set_target_properties(spawned_cpp PROPERTIES EXPORT_NAME cpp)
target_compile_features(spawned_cpp INTERFACE cxx_std_20)
target_include_directories(spawned_cpp INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/cpp>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(spawned_cpp INTERFACE spawned)

# The C headers once more, for readers in other languages.
file(GLOB public_headers CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/include/*.h ${PROJECT_SOURCE_DIR}/include/spawned/*.h)
set(ffi_header ${PROJECT_BINARY_DIR}/spawned.ffi.h)
add_custom_command(OUTPUT ${ffi_header}
    COMMAND ${CMAKE_COMMAND} -D COMPILER=${CMAKE_C_COMPILER} -D INCLUDE=${PROJECT_SOURCE_DIR}/include
            -D OUTPUT=${ffi_header} -P ${PROJECT_SOURCE_DIR}/cmake/ffi_header.cmake
    DEPENDS ${public_headers} ${PROJECT_SOURCE_DIR}/cmake/ffi_header.cmake)
add_custom_target(spawned_ffi_header ALL DEPENDS ${ffi_header})
