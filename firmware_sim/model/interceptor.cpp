// SPDX-License-Identifier: Apache-2.0
// The Verilated interceptor behind a plain C face: a call per span of clocks, not per clock.
//
// Clock edge n is at n periods from the bench's zero; what is set between two calls holds from the edge at which
// the model stands. `hil_run` stops at the first edge at which there is something to tell.
#include <cstring>
#include <memory>
#include <vector>

#include "Vinterceptor_top.h"
#include "Vinterceptor_top___024root.h"
#include "counters.h"
#include "uart_pins.h"
#include "verilated.h"
#include "verilated_save.h"

namespace hil {

struct Report {
  uint64_t clock;
  uint32_t moved;  // the state or an output is not what it was
  uint32_t outputs;
  uint32_t state;
  uint32_t cause;
  uint32_t answered;
  uint32_t refused;
  uint32_t command;
  uint32_t reason;
  uint32_t spoken;  // characters of a burst that ended here
  uint32_t rejected;
  uint64_t spoken_begin;
  uint8_t data[MAX_CHARS];
  uint8_t flaws[MAX_CHARS];
};

// Verilator's own serialisation, into memory.
class Keep : public VerilatedSerialize {
 public:
  explicit Keep(std::vector<uint8_t>& to) : to_(to) { to_.clear(); m_isOpen = true; }
  ~Keep() override { close(); }
  void close() override { flush(); m_isOpen = false; }
  void flush() override {
    to_.insert(to_.end(), m_bufp, m_cp);
    m_cp = m_bufp;
  }

 private:
  std::vector<uint8_t>& to_;
};

class Give : public VerilatedDeserialize {
 public:
  explicit Give(const std::vector<uint8_t>& from) : from_(from) {
    m_isOpen = true;
    m_endp = m_cp;
    fill();
  }
  ~Give() override { close(); }
  void close() override { m_isOpen = false; }
  void flush() override {}
  void fill() override {
    const size_t left = m_endp - m_cp;
    std::memmove(m_bufp, m_cp, left);
    const size_t more = std::min(bufferSize() - left, from_.size() - at_);
    std::memcpy(m_bufp + left, from_.data() + at_, more);
    at_ += more;
    m_cp = m_bufp;
    m_endp = m_bufp + left + more;
  }

 private:
  const std::vector<uint8_t>& from_;
  size_t at_ = 0;
};

// All that is kept beside the model; plain, so that it is copied as it is.
struct Around {
  uint64_t clock = 0;
  uint64_t wires = 0;
  uint32_t outputs = 0;
  uint32_t state = 0;
  bool sampled = false;  // every input, as it is
  int calm = 0;          // clocks for which it was quiet
  bool answer_next = false;
  uint32_t refused = 0, command = 0, reason = 0;
  Source source;
  Sink sink;
};

class Cell {
 public:
  Cell(const Limits& limits, const Format& format, uint32_t idle_wires)
      : limits_(limits), format_(format), context_(new VerilatedContext), top_(new Vinterceptor_top(context_.get(), "")) {
    context_->fatalOnError(false);  // an assertion that fails is for the caller to tell, not to die of
    around_.wires = idle_wires;
    top_->wires_i = idle_wires;
    top_->uart_rx_i = 1;
    top_->rst_ni = 0;
    for (int edge = 0; edge < RESET_EDGES; edge++) edge_once();
    top_->rst_ni = 1;
    around_.outputs = top_->outputs_o;
    around_.state = top_->state_o;
  }

  ~Cell() {
    // The model's scopes leave the thread's context, whichever that is by now.
    Verilated::threadContextp(context_.get());
    top_->final();
  }

  bool skipping = true;

  // Whether an assertion failed (it has said which on standard error by then).
  bool failed() const { return context_->gotError(); }

  uint64_t clock() const { return around_.clock; }
  void wire(uint32_t bit, bool level) {
    around_.wires = (around_.wires & ~(1ull << bit)) | static_cast<uint64_t>(level) << bit;
    top_->wires_i = around_.wires;
    around_.sampled = false;
  }
  Source& source() { return around_.source; }

  // To `until`, or to the first clock with something to tell (true). Never stands still for ever: where nothing can
  // happen any more and `until` is FOREVER it returns at once.
  bool run(uint64_t until, Report& report) {
    while (around_.clock < until) {
      set_rx(around_.source.level(format_, around_.clock));
      if (skipping || until == FOREVER) {
        const uint64_t clocks = free_clocks();
        if (clocks == FOREVER && until == FOREVER) return false;
        if (skipping && clocks) {
          skip(std::min(until - around_.clock, clocks));
          continue;
        }
      }
      if (step(report) || failed()) return true;
    }
    return false;
  }

  // A span without a look at anything but the pins, for measuring.
  void run_blind(uint64_t clocks) {
    while (clocks--) edge_once();
  }

  void keep() {
    Keep to(model_kept_);
    to << *top_;
    around_kept_ = around_;
  }

  void give_back() { take(*this); }

  void copy(Cell& other) {
    other.keep();
    take(other);
    skipping = other.skipping;
  }

  Counters counters() const {
    const auto* r = top_->rootp;
    Counters c;
    c.timer = r->interceptor_top__DOT__u_sequencer__DOT__timer_q;
    c.link = r->interceptor_top__DOT__u_watchdog__DOT__link_q;
    c.sequence = r->interceptor_top__DOT__u_watchdog__DOT__sequence_q;
    c.phase = r->interceptor_top__DOT__u_timebase__DOT__phase_q;
    c.length = r->interceptor_top__DOT__u_timebase__DOT__length_q;
    c.us = r->interceptor_top__DOT__u_timebase__DOT__us_q;
    c.cycle_us = r->interceptor_top__DOT__u_timebase__DOT__cycle_us_q;
    c.second_us = r->interceptor_top__DOT__u_timebase__DOT__second_us_q;
    c.slew_us = r->interceptor_top__DOT__u_timebase__DOT__slew_us_q;
    c.since_pps = r->interceptor_top__DOT__u_timebase__DOT__since_pps_q;
    c.running = top_->powered_o;
    c.timer_limit = r->interceptor_top__DOT__u_sequencer__DOT__limit_clocks;
    c.slewing = r->interceptor_top__DOT__u_timebase__DOT__pending_q != 0;
    c.slot_us = r->interceptor_top__DOT__u_status_slot__DOT__awaited_us;
    c.slot_waits = r->interceptor_top__DOT__u_status_slot__DOT__awaits;
    return c;
  }

 private:
  static constexpr int RESET_EDGES = 4;
  // An assertion that looks one clock ahead must have seen that clock stepped.
  static constexpr int CALM = 2;

  void take(Cell& other) {
    Give from(other.model_kept_);
    from >> *top_;
    around_ = other.around_kept_;
  }

  void set_rx(bool level) {
    around_.sampled = around_.sampled && top_->uart_rx_i == level;
    top_->uart_rx_i = level;
  }

  void edge_once() {
    top_->clk_i = 1;
    top_->eval();
    top_->clk_i = 0;
    top_->eval();
  }

  // How long nothing but counters moves.
  uint64_t free_clocks() {
    if (!around_.sampled || !top_->quiet_o || around_.calm < CALM || around_.sink.active || around_.answer_next) return 0;
    const uint64_t clocks = horizon(limits_, counters());
    return std::min(clocks, around_.source.steady(format_, around_.clock));
  }

  void skip(uint64_t clocks) {
    Counters c = counters();
    advance(limits_, c, clocks);
    auto* r = top_->rootp;
    r->interceptor_top__DOT__u_sequencer__DOT__timer_q = c.timer;
    r->interceptor_top__DOT__u_watchdog__DOT__link_q = c.link;
    r->interceptor_top__DOT__u_watchdog__DOT__sequence_q = c.sequence;
    r->interceptor_top__DOT__u_timebase__DOT__phase_q = c.phase;
    r->interceptor_top__DOT__u_timebase__DOT__length_q = c.length;
    r->interceptor_top__DOT__u_timebase__DOT__us_q = c.us;
    r->interceptor_top__DOT__u_timebase__DOT__cycle_us_q = c.cycle_us;
    r->interceptor_top__DOT__u_timebase__DOT__second_us_q = c.second_us;
    r->interceptor_top__DOT__u_timebase__DOT__slew_us_q = c.slew_us;
    r->interceptor_top__DOT__u_timebase__DOT__since_pps_q = c.since_pps;
    around_.clock += clocks;
    top_->eval();  // what is combinational follows the counters
  }

  // One clock; true when there is something to tell of it.
  bool step(Report& report) {
    Around& a = around_;
    edge_once();
    a.sampled = true;
    a.calm = top_->quiet_o ? std::min(a.calm + 1, CALM) : 0;
    a.clock++;
    const bool moved = top_->outputs_o != a.outputs || top_->state_o != a.state;
    const bool answered = a.answer_next;
    const bool spoken = a.sink.clock_in(format_, a.clock, top_->uart_tx_o);
    const bool told = moved || answered || spoken || top_->reject_o;
    if (told) tell(report, moved, answered, spoken);
    a.outputs = top_->outputs_o;
    a.state = top_->state_o;
    a.answer_next = top_->answer_o;
    if (a.answer_next) {
      a.refused = top_->refused_o;
      a.command = top_->command_o;
      a.reason = top_->reason_o;
    }
    return told;
  }

  void tell(Report& report, bool moved, bool answered, bool spoken) {
    Around& a = around_;
    report.clock = a.clock;
    report.moved = moved;
    report.outputs = top_->outputs_o;
    report.state = top_->state_o;
    report.cause = top_->cause_o;
    report.answered = answered;
    report.refused = a.refused;
    report.command = a.command;
    report.reason = a.reason;
    report.rejected = top_->reject_o;
    report.spoken = spoken ? a.sink.count : 0;
    if (!spoken) return;
    report.spoken_begin = a.sink.begin;
    std::memcpy(report.data, a.sink.data, a.sink.count);
    std::memcpy(report.flaws, a.sink.flaws, a.sink.count);
    a.sink.clear(format_, a.clock, top_->uart_tx_o);
  }

  Limits limits_;
  Format format_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vinterceptor_top> top_;
  Around around_, around_kept_;
  std::vector<uint8_t> model_kept_;
};

}  // namespace hil

using hil::Cell;

extern "C" {

Cell* hil_new(const hil::Limits* limits, const hil::Format* format, uint32_t idle_wires) {
  return new Cell(*limits, *format, idle_wires);
}
void hil_delete(Cell* cell) { delete cell; }
void hil_skipping(Cell* cell, int on) { cell->skipping = on != 0; }
uint64_t hil_clock(Cell* cell) { return cell->clock(); }
void hil_wire(Cell* cell, uint32_t bit, int level) { cell->wire(bit, level != 0); }

// Characters whose first start bit stands after edge `begin`; what was given before must be over.
void hil_hear(Cell* cell, uint64_t begin, const uint8_t* data, const uint8_t* flaws, int count) {
  hil::Source& source = cell->source();
  source.begin = begin;
  source.count = count < hil::MAX_CHARS ? count : hil::MAX_CHARS;
  std::memcpy(source.data, data, source.count);
  std::memcpy(source.flaws, flaws, source.count);
}

// 1: there is something to tell; 0: there is not; -1: an assertion failed.
int hil_run(Cell* cell, uint64_t until, hil::Report* report) {
  const bool told = cell->run(until, *report);
  return cell->failed() ? -1 : told;
}
void hil_run_blind(Cell* cell, uint64_t clocks) { cell->run_blind(clocks); }
void hil_keep(Cell* cell) { cell->keep(); }
void hil_give_back(Cell* cell) { cell->give_back(); }
void hil_copy(Cell* to, Cell* from) { to->copy(*from); }

// The same rule for who holds the counters himself.
uint64_t hil_horizon(const hil::Limits* limits, const hil::Counters* counters) {
  return hil::horizon(*limits, *counters);
}
void hil_advance(const hil::Limits* limits, hil::Counters* counters, uint64_t clocks) {
  hil::advance(*limits, *counters, clocks);
}
}
