// The one order in which the sources are read.
icd_pkg.sv
divider_pkg.sv
crc_pkg.sv
debounce.sv
interlock.sv
uart_rx.sv
uart_tx.sv
frame_rx.sv
frame_tx.sv
remainder.sv
command_decoder.sv
watchdog.sv
sequencer.sv
timebase.sv
status_slot.sv
telemetry.sv
interceptor_top.sv
