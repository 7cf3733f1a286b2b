// SPDX-License-Identifier: Apache-2.0
// The counters that run while nothing else moves: how far they may be advanced together, and how.
//
// This is the one place that knows what each is compared with. firmware_sim/rtl/counters.vlt opens the same
// signals; both users (the library's model and the bench inside a simulator) copy them into this struct, advance
// it and copy them back. That this is the same as stepping is what the tests of the model show.
#pragma once
#include <algorithm>
#include <cstdint>

namespace hil {

constexpr uint64_t FOREVER = UINT64_MAX;

// The ICD's numbers, in clocks and microseconds.
struct Limits {
  uint64_t clocks_per_us;
  uint64_t wrap_us;
  uint64_t second_us;
  uint64_t cycle_us;
  uint64_t slew_interval_us;
  uint64_t link_clocks;
  uint64_t sequence_clocks;
  uint64_t free_clocks;
};

struct Counters {
  // advanced
  uint64_t timer;        // sequencer.timer_q
  uint64_t link;         // watchdog.link_q
  uint64_t sequence;     // watchdog.sequence_q
  uint64_t phase;        // timebase.phase_q ...
  uint64_t length;       // set to the plain length by the first microsecond's end
  uint64_t us;
  uint64_t cycle_us;
  uint64_t second_us;
  uint64_t slew_us;
  uint64_t since_pps;
  // only read
  uint64_t running;      // not in reset
  uint64_t timer_limit;  // of the state, 0 for none
  uint64_t slewing;      // a correction is pending
  uint64_t slot_us;      // the microsecond of the cycle that the slot waits for
  uint64_t slot_waits;   // and whether it does
};

// From `now` the first later count at which a counter of `modulus` is at `at`.
inline uint64_t ahead(uint64_t at, uint64_t now, uint64_t modulus) { return (at + modulus - now - 1) % modulus + 1; }

// How many clocks may be skipped: the one after them is compared with something, and must be stepped.
inline uint64_t horizon(const Limits& limits, const Counters& c) {
  if (!c.running) return FOREVER;
  uint64_t clocks = FOREVER;
  if (c.timer_limit) clocks = std::min(clocks, c.timer_limit - 1 - c.timer);
  if (c.link < limits.link_clocks - 1) clocks = std::min(clocks, limits.link_clocks - 1 - c.link);
  if (c.sequence < limits.sequence_clocks - 1) clocks = std::min(clocks, limits.sequence_clocks - 1 - c.sequence);
  uint64_t ticks = FOREVER;
  if (c.slot_waits) ticks = ahead(c.slot_us, c.cycle_us, limits.cycle_us);
  if (c.slewing) ticks = std::min(ticks, ahead(0, c.slew_us, limits.slew_interval_us));
  if (ticks != FOREVER) clocks = std::min(clocks, c.length - c.phase + (ticks - 1) * limits.clocks_per_us - 1);
  return clocks;
}

// `clocks` is at most the horizon.
inline void advance(const Limits& limits, Counters& c, uint64_t clocks) {
  if (!c.running || clocks == 0) return;
  if (c.timer_limit) c.timer += clocks;
  c.link = std::min(c.link + clocks, limits.link_clocks - 1);
  c.sequence = std::min(c.sequence + clocks, limits.sequence_clocks - 1);
  c.since_pps = std::min(c.since_pps + clocks, limits.free_clocks - 1);
  const uint64_t first = c.length - c.phase;  // the clock at which the running microsecond ends
  if (clocks < first) {
    c.phase += clocks;
    return;
  }
  const uint64_t ticks = 1 + (clocks - first) / limits.clocks_per_us;
  c.phase = (clocks - first) % limits.clocks_per_us;
  c.length = limits.clocks_per_us;
  c.us = (c.us + ticks) % limits.wrap_us;
  c.cycle_us = (c.cycle_us + ticks) % limits.cycle_us;
  c.second_us = (c.second_us + ticks) % limits.second_us;
  c.slew_us = (c.slew_us + ticks) % limits.slew_interval_us;
}

}  // namespace hil
