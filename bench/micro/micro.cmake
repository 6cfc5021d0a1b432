# slsart_micro: every bench/micro/*_bench.cpp in one program.
find_package(benchmark REQUIRED)
file(GLOB micro_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/micro/*_bench.cpp)
slsart_program(slsart_micro
  SOURCES ${micro_sources}
  LINKS slsart_protocol slsart_expr slsart_metrics slsart_plan slsart_script benchmark::benchmark_main)
