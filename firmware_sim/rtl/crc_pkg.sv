// SPDX-License-Identifier: Apache-2.0
// CRC-16 with the ICD's polynomial, most significant bit first, a byte at a time.
package crc_pkg;
  function automatic logic [15:0] crc16(input logic [15:0] crc, input logic [7:0] data);
    logic [15:0] rest;
    rest = crc ^ {data, 8'h00};
    for (int unsigned i = 0; i < 8; i++) begin
      rest = rest[15] ? {rest[14:0], 1'b0} ^ icd_pkg::CrcPolynomial : {rest[14:0], 1'b0};
    end
    return rest;
  endfunction
endpackage
