// SPDX-License-Identifier: Apache-2.0
// The fraction bit rate / clock in lowest terms: a bit is Den/Num clocks long.
package divider_pkg;
  function automatic int unsigned common(input int unsigned a, input int unsigned b);
    int unsigned x, y, rest;
    x = a;
    y = b;
    while (y != 0) begin
      rest = x % y;
      x = y;
      y = rest;
    end
    return x;
  endfunction

  function automatic int unsigned numerator(input int unsigned clock_hz, input int unsigned rate_bps);
    return rate_bps / common(clock_hz, rate_bps);
  endfunction

  function automatic int unsigned denominator(input int unsigned clock_hz, input int unsigned rate_bps);
    return clock_hz / common(clock_hz, rate_bps);
  endfunction
endpackage
