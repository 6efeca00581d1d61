# Builds the `orrery` command from SOURCE with Clang 16 into BUILD. One unit a floor: it's quicker, and clang-tidy reads the
# same units (tools/tidy).
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -G Ninja -DCMAKE_CXX_COMPILER=clang++-16
  -DORRERY_TESTS=OFF -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --target orrery --parallel 2 COMMAND_ERROR_IS_FATAL ANY)
