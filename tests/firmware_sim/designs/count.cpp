// SPDX-License-Identifier: Apache-2.0
// So many clocks of `count`, for a test of the library's making.
#include "Vcount.h"
#include "verilated.h"

extern "C" int count_of(int clocks) {
    VerilatedContext context;
    Vcount model{&context};
    model.on_i = 1;
    model.clk_i = 0;
    model.eval();
    for (int clock = 0; clock < clocks; ++clock) {
        model.clk_i = 1;
        model.eval();
        model.clk_i = 0;
        model.eval();
    }
    return model.count_o;
}
