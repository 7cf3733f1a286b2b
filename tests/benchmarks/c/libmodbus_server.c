// SPDX-License-Identifier: Apache-2.0
// libmodbus's own server: modbus_receive and modbus_reply in a loop. Prints its port, serves until killed.
#include <arpa/inet.h>
#include <modbus.h>
#include <stdio.h>

int main(void) {
  modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
  modbus_mapping_t *mapping = modbus_mapping_new(100, 100, 100, 100);
  int listener = modbus_tcp_listen(context, 4);
  if (listener < 0) return 2;
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  getsockname(listener, (struct sockaddr *)&at, &size);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    int length;
    modbus_tcp_accept(context, &listener);
    while ((length = modbus_receive(context, request)) >= 0)
      if (length > 0) modbus_reply(context, request, length, mapping);
    modbus_close(context);
  }
}
