// SPDX-License-Identifier: Apache-2.0
// The two serial pins, a clock at a time: what is to be received is put on one, what is sent is read off the other.
#pragma once
#include <cstdint>
#include <cstring>

namespace hil {

struct Format {
  uint64_t bit_clocks;
  uint64_t data_bits;
  uint64_t parity_on;
  uint64_t parity_odd;
  uint64_t stop_bits;

  uint64_t bits() const { return 1 + data_bits + parity_on + stop_bits; }
  uint64_t char_clocks() const { return bits() * bit_clocks; }
  bool parity_of(uint64_t data) const { return (__builtin_popcountll(data) & 1) != static_cast<int>(parity_odd); }
};

constexpr int MAX_CHARS = 1024;
enum Flaw : uint8_t { NONE = 0, PARITY = 1, FRAMING = 2, BREAK = 3 };

// Characters that go to the receiver back to back. Before and behind them the pin is high.
struct Source {
  uint64_t begin = 0;  // clock edge after which the first start bit stands
  int count = 0;
  uint8_t data[MAX_CHARS];
  uint8_t flaws[MAX_CHARS];

  bool over(const Format& f, uint64_t clock) const { return clock >= begin + count * f.char_clocks(); }

  bool level(const Format& f, uint64_t clock) const {
    if (count == 0 || clock < begin || over(f, clock)) return true;
    const uint64_t bit = (clock - begin) / f.bit_clocks;
    const uint64_t at = bit / f.bits(), k = bit % f.bits();
    const uint8_t flaw = flaws[at];
    if (k == 0 || flaw == BREAK) return false;
    if (k <= f.data_bits) return data[at] >> (k - 1) & 1;
    if (f.parity_on && k == f.data_bits + 1) return f.parity_of(data[at]) != (flaw == PARITY);
    return flaw != FRAMING;
  }

  // Clocks for which the level surely stays.
  uint64_t steady(const Format& f, uint64_t clock) const {
    if (count == 0 || over(f, clock)) return UINT64_MAX;
    if (clock < begin) return begin - clock;
    return f.bit_clocks - (clock - begin) % f.bit_clocks;
  }
};

// Reads the sender's pin as a UART does, each bit at its centre. A burst ends where its frame's closing zero ends,
// and where the line falls idle.
struct Sink {
  bool active = false;  // inside a character
  uint64_t start = 0;   // its start bit's edge
  uint64_t next = 0;    // the clock at which something is to be done
  uint64_t bit = 0;
  uint64_t shift = 0;
  bool complete = false;  // every bit is read, the last one's end is waited for
  uint64_t begin = 0;     // of the burst
  int count = 0;
  uint8_t data[MAX_CHARS];
  uint8_t flaws[MAX_CHARS];

  // The pin after clock edge `clock`; true when a burst is over (its characters stand until `clear`).
  bool clock_in(const Format& f, uint64_t clock, bool pin) {
    if (!active) {
      if (!pin) begin_char(f, clock);
      return false;
    }
    if (clock < next) return false;
    if (!complete) return sample(f, pin);
    active = false;
    const bool closed = count > 1 && data[count - 1] == 0;
    if (closed || pin) return true;
    begin_char(f, clock);
    return false;
  }

  // After a burst that a closing zero ended, the next one may begin at once.
  void clear(const Format& f, uint64_t clock, bool pin) {
    count = 0;
    if (!pin) begin_char(f, clock);
  }

 private:
  void begin_char(const Format& f, uint64_t clock) {
    active = true;
    complete = false;
    start = clock;
    bit = shift = 0;
    next = clock + f.bit_clocks / 2;
    if (count == 0) begin = clock;
  }

  bool sample(const Format& f, bool pin) {
    if (bit == 0 && pin) {  // a false start: what came before it is all
      active = false;
      return count > 0;
    }
    shift |= static_cast<uint64_t>(pin) << bit;
    next += f.bit_clocks;
    if (++bit < f.bits()) return false;
    take(f);
    complete = true;
    next = start + f.char_clocks();
    return false;
  }

  void take(const Format& f) {
    const uint64_t value = shift >> 1 & ((1u << f.data_bits) - 1);
    const uint64_t stops = shift >> (f.bits() - f.stop_bits);
    const bool parity = shift >> (f.data_bits + 1) & 1;
    Flaw flaw = NONE;
    if (f.parity_on && parity != f.parity_of(value)) flaw = PARITY;
    if (stops != (1u << f.stop_bits) - 1) flaw = shift == 0 ? BREAK : FRAMING;
    if (count == MAX_CHARS) return;
    data[count] = static_cast<uint8_t>(value);
    flaws[count++] = flaw;
  }
};

}  // namespace hil
