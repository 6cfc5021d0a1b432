# Adds the micro benchmarks to the project's own build without being part of it; scripts/bench --micro does
#   cmake --preset release -B build/bench -DCMAKE_PROJECT_slsart_INCLUDE=bench/micro/project.cmake -DSLSART_BENCH=ON -DSLSART_STATIC=OFF
option(SLSART_BENCH "Build the micro benchmarks (needs Google Benchmark)" OFF)
if(SLSART_BENCH)
  # After the last line of the top CMakeLists.txt, when all rooms are known.
  cmake_language(DEFER CALL include ${CMAKE_SOURCE_DIR}/bench/micro/micro.cmake)
endif()
