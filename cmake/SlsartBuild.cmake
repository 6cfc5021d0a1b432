# Compiler settings, the tools that make builds quick, and the four ways to declare something:
#   slsart_pkg      a library found by pkg-config
#   slsart_room     a folder below src/ as one static library with its unit tests
#   slsart_program  an executable a user runs (static-pie in the release preset)
#   slsart_test     a GoogleTest program

# --- quick builds -------------------------------------------------------------------------------
# The source folder is kept out of objects and out of ccache's keys, so that two clones of the project
# share one cache. No precompiled headers: they save half a second a file, but ccache then misses and a
# source that forgets an #include still compiles.
find_program(SLSART_CCACHE ccache)
if(SLSART_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${SLSART_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

find_program(SLSART_MOLD mold)
if(SLSART_MOLD AND NOT SLSART_STATIC)
  # The static-pie release is linked by the default linker; everything else by the quick one.
  add_link_options(-fuse-ld=mold)
endif()

# --- code generation ----------------------------------------------------------------------------
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Borders of chunks and due times must not depend on how an expression is fused (architecture §5, plan).
add_compile_options(-ffp-contract=off)
# Designated initialisers name what differs from the default; the rest is not missing.
set(SLSART_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND SLSART_WARNINGS -Wno-restrict)  # g++ 12 is wrong about "text" + std::string (GCC PR 105651)
endif()
if(SLSART_SANITIZE)
  add_compile_options(-fsanitize=${SLSART_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SLSART_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/cmake/sanitize-ignore.txt)
  endif()
endif()
if(SLSART_FUZZ)
  # Every object reports its coverage; only the fuzz programs link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(SLSART_STATIC)
  add_compile_options(-ffunction-sections -fdata-sections)
  set_property(GLOBAL PROPERTY RULE_LAUNCH_LINK ${CMAKE_SOURCE_DIR}/cmake/quiet-link)
endif()

# --- libraries ----------------------------------------------------------------------------------
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# slsart_pkg(<name> <pkg-config module>...): imported target slsart_ext_<name>; static archives when
# the product is linked statically, headers always as system headers.
function(slsart_pkg name)
  pkg_check_modules(${name} REQUIRED ${ARGN})
  add_library(slsart_ext_${name} INTERFACE)
  target_include_directories(slsart_ext_${name} SYSTEM INTERFACE ${${name}_INCLUDE_DIRS})
  if(SLSART_STATIC)
    target_link_libraries(slsart_ext_${name} INTERFACE ${${name}_STATIC_LIBRARIES})
  else()
    target_link_libraries(slsart_ext_${name} INTERFACE ${${name}_LIBRARIES})
  endif()
endfunction()

slsart_pkg(openssl openssl)
slsart_pkg(zlib zlib)
slsart_pkg(brotli libbrotlidec libbrotlicommon)
slsart_pkg(zstd libzstd)
slsart_pkg(cares libcares)
slsart_pkg(fyaml libfyaml)
slsart_pkg(pcre2 libpcre2-8)
slsart_pkg(pugixml pugixml)

if(SLSART_TESTS)
  find_package(GTest REQUIRED)
endif()

# slsart_ext_llhttp: the oracle of the differential HTTP/1.1 fuzz target, from the sources that the
# package node-llhttp ships (there is no library). Header: <llhttp.h>, C.
if(SLSART_FUZZ AND EXISTS /usr/share/llhttp/llhttp.c)
  add_library(slsart_ext_llhttp STATIC
    /usr/share/llhttp/api.c /usr/share/llhttp/http.c /usr/share/llhttp/llhttp.c)
  target_include_directories(slsart_ext_llhttp SYSTEM PUBLIC /usr/share/include/llhttp)
endif()

# --- rooms and programs -------------------------------------------------------------------------
# slsart_room(<room> LINKS <rooms and libraries...>): every .cpp of the folder that is not a test goes
# into slsart_<room>; every *_test.cpp into the test program <room>_test.
function(slsart_room room)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(slsart_${room} STATIC ${sources})
    target_include_directories(slsart_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_compile_options(slsart_${room} PRIVATE ${SLSART_WARNINGS})
    target_link_libraries(slsart_${room} PUBLIC ${ARG_LINKS})
  else()
    add_library(slsart_${room} INTERFACE)  # headers only so far
    target_include_directories(slsart_${room} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(slsart_${room} INTERFACE ${ARG_LINKS})
  endif()
  if(SLSART_TESTS AND tests)
    slsart_test(${room}_test SOURCES ${tests} LINKS slsart_${room})
  endif()
endfunction()

# slsart_program(<name> SOURCES <files> LINKS <targets>): an executable at ${CMAKE_BINARY_DIR}/<name>.
# With SLSART_STATIC it is one static-pie file that needs nothing of the machine but a kernel; symbols stay
# in it with -DSLSART_KEEP_SYMBOLS=ON, for perf.
function(slsart_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(${name} PRIVATE ${SLSART_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  if(SLSART_STATIC)
    target_link_options(${name} PRIVATE -static-pie -Wl,--gc-sections)
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
      if(NOT SLSART_KEEP_SYMBOLS)
        target_link_options(${name} PRIVATE -s)
      endif()
    endif()
  endif()
endfunction()

# slsart_test(<name> SOURCES <files> LINKS <targets>): a GoogleTest program at tests/<name> of the build
# folder, run from the repository's root by ctest and scripts/test.
function(slsart_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${SLSART_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  if(SLSART_SANITIZE)
    target_compile_options(${name} PRIVATE -O0)  # 1.7 s a file in place of 4.1 s; the rooms keep -O1
  endif()
  set_property(GLOBAL APPEND PROPERTY SLSART_TEST_PROGRAMS ${name})
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()

# slsart_all_tests(): the target `test_programs`, everything declared by slsart_test. Called once, last.
function(slsart_all_tests)
  get_property(programs GLOBAL PROPERTY SLSART_TEST_PROGRAMS)
  add_custom_target(test_programs DEPENDS ${programs})
endfunction()
