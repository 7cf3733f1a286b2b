// SPDX-License-Identifier: Apache-2.0
// What a module may expect of its neighbours: taken for granted where it is proven alone, proven where they are
// all there.
`ifdef ALONE
`define EXPECT assume
`else
`define EXPECT assert
`endif
