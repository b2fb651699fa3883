# The vocabulary of Fabrix's build: a module, its tests, its fuzz targets, its benchmarks.
include_guard()

# fabrix_module(<name> FLOOR <n> HEADERS <h>... [SOURCES <cc>...] [PUBLIC <t>...] [PRIVATE <t>...])
#
# Declares the library fabrix::<name>. PUBLIC names the targets that its headers include, PRIVATE
# those that only its sources do. Every fabrix:: target named must stand on a strictly lower floor:
# neighbours do not know each other, and nothing knows what is above it. tools/tidy.py checks that
# the #includes say the same.
function(fabrix_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FLOOR" "HEADERS;SOURCES;PUBLIC;PRIVATE")
  set(target fabrix_${name})
  if(arg_SOURCES)
    set(visible PUBLIC)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} fabrix::warnings)
    # The Python module is a shared object made of the modules. What is hidden costs no more there
    # than in an executable: calls stay direct, and functions may be inlined.
    set_target_properties(${target} PROPERTIES
      POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
  else()
    set(visible INTERFACE)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC})
  endif()
  add_library(fabrix::${name} ALIAS ${target})
  # Headers are written "net/prefix.h" everywhere. Each must also compile alone; see the preset.
  target_sources(${target} ${visible}
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${arg_HEADERS})
  set_target_properties(${target} PROPERTIES FABRIX_FLOOR ${arg_FLOOR})

  foreach(dependency IN LISTS arg_PUBLIC arg_PRIVATE)
    if(dependency MATCHES "^fabrix::(.+)$")
      get_target_property(below fabrix_${CMAKE_MATCH_1} FABRIX_FLOOR)
      if(NOT below LESS arg_FLOOR)
        message(FATAL_ERROR
          "${name} (floor ${arg_FLOOR}) may not depend on ${dependency} (floor ${below})")
      endif()
    endif()
  endforeach()
endfunction()

# fabrix_bpf(<module> <name> <program> <header>...)
#
# Compiles bpf/<program> for the kernel, as a part of the library: sets <name> to a source that
# defines fabrix::<module>::<name>(), which <module>/<name>.h declares. The headers are what the
# program includes of src/; what programs share is in bpf/.
function(fabrix_bpf module name program)
  find_program(FABRIX_BPF_CLANG NAMES clang REQUIRED)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/src/)
  file(GLOB shared CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bpf/*.h)
  add_custom_command(OUTPUT ${embedded}
    # asm/types.h is where Debian keeps what is an architecture's.
    COMMAND ${FABRIX_BPF_CLANG} -O2 -g -Wall -Wextra -Werror -target bpf -mcpu=v3
      -I/usr/include/${CMAKE_CXX_LIBRARY_ARCHITECTURE} -I${PROJECT_SOURCE_DIR}/src
      -c ${PROJECT_SOURCE_DIR}/bpf/${program} -o ${object}
    COMMAND ${CMAKE_COMMAND} -D FROM=${object} -D TO=${embedded} -D MODULE=${module}
      -D NAME=${name} -D HEADER=${module}/${name}.h -P ${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/bpf/${program} ${ARGN} ${shared}
      ${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake
    VERBATIM)
  set(${name} ${embedded} PARENT_SCOPE)
endfunction()

# fabrix_tests(<module>): one executable from tests/<module>/*_test.cc, one ctest case per TEST.
# Further arguments are libraries that only the tests use. Headers shared by tests are included as
# "tests/<module>/name.h".
function(fabrix_tests module)
  if(NOT FABRIX_TESTING)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${module}/*_test.cc)
  add_executable(${module}_tests ${sources})
  target_include_directories(${module}_tests PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${module}_tests PRIVATE
    fabrix::${module} ${ARGN} fabrix::warnings GTest::gtest_main)
  gtest_discover_tests(${module}_tests TEST_PREFIX "${module}." DISCOVERY_TIMEOUT 60)
endfunction()

# fabrix_fuzz(<module> <subject>): fuzz/<module>/<subject>_fuzz.cc, replayed over its corpus by
# ctest, and driven by libFuzzer when FABRIX_FUZZ is on (clang).
function(fabrix_fuzz module subject)
  if(NOT FABRIX_TESTING)
    return()
  endif()
  set(target fuzz_${module}_${subject})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/fuzz/${module}/${subject}_fuzz.cc)
  target_link_libraries(${target} PRIVATE fabrix::${module} fabrix::warnings)
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/${module}/corpus/${subject})
  if(FABRIX_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${target} COMMAND ${target} -runs=0 ${corpus})
  else()
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cc)
    add_test(NAME ${target} COMMAND ${target} ${corpus})
  endif()
endfunction()

# fabrix_bench(<module>): one executable from bench/<module>/*_bench.cc. Built always, so that it
# cannot rot; run by hand.
function(fabrix_bench module)
  if(NOT FABRIX_TESTING)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/${module}/*_bench.cc)
  add_executable(${module}_bench ${sources})
  target_link_libraries(${module}_bench PRIVATE
    fabrix::${module} fabrix::warnings benchmark::benchmark_main)
  # As fabrixd is linked.
  fabrix_allocator(${module}_bench)
endfunction()

# fabrix_allocator(<target>): jemalloc in place of the C library's malloc, set as jemalloc.cc says: a
# tenth less CPU time (docs/benchmarks.md). Sanitizers have their own.
function(fabrix_allocator target)
  if(FABRIX_SANITIZE)
    return()
  endif()
  find_library(FABRIX_JEMALLOC jemalloc REQUIRED)
  target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/jemalloc.cc)
  target_link_libraries(${target} PRIVATE ${FABRIX_JEMALLOC})
endfunction()

# fabrix_program(<name> <source>...): an executable of the app module.
function(fabrix_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE fabrix::app fabrix::warnings)
endfunction()
