# Compiler settings, the tools that make builds quick, and slsart_room(): how a room is declared.

find_program(SLSART_CCACHE ccache)
if(SLSART_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${SLSART_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SLSART_CCACHE})
endif()
find_program(SLSART_MOLD mold)
if(SLSART_MOLD AND NOT SLSART_STATIC)
  # The static-pie release is linked by the default linker; everything else by the quick one.
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Borders of chunks and due times must not depend on how an expression is fused (architecture §5, plan).
add_compile_options(-ffp-contract=off)
set(SLSART_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Werror)
if(SLSART_SANITIZE)
  add_compile_options(-fsanitize=${SLSART_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SLSART_SANITIZE})
endif()

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

if(SLSART_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# slsart_room(<room> LINKS <rooms and libraries...>): every .cpp of the folder that is not a test goes
# into slsart_<room>; every *_test.cpp into the test program <room>_test.
function(slsart_room room)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  add_library(slsart_${room} STATIC ${sources})
  target_include_directories(slsart_${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_compile_options(slsart_${room} PRIVATE ${SLSART_WARNINGS})
  target_link_libraries(slsart_${room} PUBLIC ${ARG_LINKS})
  target_precompile_headers(slsart_${room} PRIVATE <algorithm> <array> <chrono> <cstdint> <memory>
    <optional> <span> <string> <string_view> <utility> <variant> <vector>)
  if(SLSART_TESTS AND tests)
    slsart_test(${room}_test SOURCES ${tests} LINKS slsart_${room})
  endif()
endfunction()

# slsart_test(<name> SOURCES <files> LINKS <targets>): a GoogleTest program, each test known to ctest.
function(slsart_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${SLSART_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
