# Builds the `orrery` command from SOURCE with Clang 16 into BUILD.
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -G Ninja -DCMAKE_CXX_COMPILER=clang++-16
  -DORRERY_TESTS=OFF COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --target orrery --parallel 2 COMMAND_ERROR_IS_FATAL ANY)
