// blast: small packets for the benchmarks of the fabric.
//
//     blast frames INTERFACE DESTINATION-MAC SOURCE-IP DESTINATION-IP SECONDS
//         60-octet UDP frames (64 on a wire) as fast as they go; prints how many were sent
//     blast arp INTERFACE SOURCE-IP TARGET-IP SECONDS
//         as many ARP requests; prints how many
//     blast send SOURCE-IP DESTINATION-IP PORT PACKETS-PER-SECOND SECONDS
//         numbered datagrams at a steady rate; prints how many
//     blast receive ADDRESS PORT SECONDS
//         prints "NUMBER MICROSECONDS" (CLOCK_MONOTONIC) of each datagram that the kernel got
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { kFrame = 60, kBurst = 256, kMost = 20000000 };

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int die(const char* what) {
  fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
  return 1;
}

static uint16_t checksum(const void* data, int words) {
  const uint16_t* const values = data;
  uint32_t sum = 0;
  for (int i = 0; i < words; ++i) sum += values[i];
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~(sum + (sum >> 16));
}

static void write_frame(uint8_t* frame, const uint8_t* to, const uint8_t* from, const char* source,
                        const char* destination, uint16_t port) {
  memset(frame, 0, kFrame);
  struct ethhdr* const ethernet = (struct ethhdr*)frame;
  memcpy(ethernet->h_dest, to, 6);
  memcpy(ethernet->h_source, from, 6);
  ethernet->h_proto = htons(ETH_P_IP);
  struct iphdr* const ip = (struct iphdr*)(ethernet + 1);
  *ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = 17};
  ip->tot_len = htons(kFrame - sizeof(struct ethhdr));
  ip->saddr = inet_addr(source);
  ip->daddr = inet_addr(destination);
  ip->check = checksum(ip, 10);
  struct udphdr* const udp = (struct udphdr*)(ip + 1);
  udp->source = htons(port);
  udp->dest = htons(9);
  udp->len = htons(kFrame - sizeof(struct ethhdr) - sizeof(struct iphdr));
}

// RFC 768, of the frame as it is.
static void write_checksum(uint8_t* frame) {
  struct {
    uint32_t source, destination;
    uint16_t protocol, length;
    uint8_t packet[kFrame - sizeof(struct ethhdr) - sizeof(struct iphdr)];
  } sum;
  const struct iphdr* const ip = (struct iphdr*)(frame + sizeof(struct ethhdr));
  struct udphdr* const udp = (struct udphdr*)(ip + 1);
  sum.source = ip->saddr;
  sum.destination = ip->daddr;
  sum.protocol = htons(17);
  sum.length = udp->len;
  memcpy(sum.packet, udp, sizeof sum.packet);
  udp->check = checksum(&sum, (12 + sizeof sum.packet) / 2);
}

// RFC 826.
static void write_request(uint8_t* frame, const uint8_t* from, const char* source, const char* target) {
  static const uint8_t kHead[] = {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1};
  memset(frame, 0, kFrame);
  memset(frame, 0xff, 6);
  memcpy(frame + 6, from, 6);
  memcpy(frame + 12, kHead, sizeof kHead);
  memcpy(frame + 22, from, 6);
  *(uint32_t*)(frame + 28) = inet_addr(source);
  *(uint32_t*)(frame + 38) = inet_addr(target);
}

static int open_interface(const char* name, uint8_t* mac) {
  const int socket_fd = socket(AF_PACKET, SOCK_RAW, 0);
  const int on = 1;
  setsockopt(socket_fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
  struct sockaddr_ll place = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
  if (bind(socket_fd, (struct sockaddr*)&place, sizeof place) < 0) return -1;
  socklen_t size = sizeof place;  // the kernel adds the interface's MAC address
  getsockname(socket_fd, (struct sockaddr*)&place, &size);
  memcpy(mac, place.sll_addr, 6);
  return socket_fd;
}

static uint8_t buffers[kBurst][kFrame];

static int send_buffers(int socket_fd, const char* seconds) {
  static struct iovec pieces[kBurst];
  static struct mmsghdr messages[kBurst];
  for (int i = 0; i < kBurst; ++i) {
    pieces[i] = (struct iovec){.iov_base = buffers[i], .iov_len = kFrame};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
  }
  const uint64_t end = now_us() + (uint64_t)(atof(seconds) * 1e6);
  uint64_t sent = 0;
  while (now_us() < end) {
    const int done = sendmmsg(socket_fd, messages, kBurst, 0);
    if (done > 0) sent += (uint64_t)done;
  }
  printf("%llu\n", (unsigned long long)sent);
  return 0;
}

// 64 flows.
static int frames(char** words) {
  uint8_t own[6], to[6];
  const int socket_fd = open_interface(words[0], own);
  if (socket_fd < 0) return die(words[0]);
  if (sscanf(words[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1, to + 2, to + 3, to + 4, to + 5) != 6)
    return die("MAC address");
  for (int i = 0; i < kBurst; ++i) {
    write_frame(buffers[i], to, own, words[2], words[3], (uint16_t)(1024 + i % 64));
    write_checksum(buffers[i]);
  }
  return send_buffers(socket_fd, words[4]);
}

static int requests(char** words) {
  uint8_t own[6];
  const int socket_fd = open_interface(words[0], own);
  if (socket_fd < 0) return die(words[0]);
  for (int i = 0; i < kBurst; ++i) write_request(buffers[i], own, words[1], words[2]);
  return send_buffers(socket_fd, words[3]);
}

static struct sockaddr_in address_of(const char* address, const char* port) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)atoi(port)),
                              .sin_addr.s_addr = inet_addr(address)};
}

static int send_numbered(char** words) {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);
  const struct sockaddr_in from = address_of(words[0], "0"), to = address_of(words[1], words[2]);
  const int room = 4 << 20;
  setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  if (bind(socket_fd, (const struct sockaddr*)&from, sizeof from) < 0) return die(words[0]);
  if (connect(socket_fd, (const struct sockaddr*)&to, sizeof to) < 0) return die(words[1]);
  const double rate = atof(words[3]);
  const uint64_t total = (uint64_t)(rate * atof(words[4])), start = now_us();
  uint64_t next = 0, sent = 0;
  while (next < total) {
    const uint64_t due = (uint64_t)((double)(now_us() - start) * rate / 1e6);
    for (; next < due && next < total; ++next) sent += send(socket_fd, &next, sizeof next, 0) == 8;
    usleep(50);
  }
  printf("%llu\n", (unsigned long long)sent);
  return 0;
}

// Of CLOCK_REALTIME, by which the kernel says when a datagram came.
static uint64_t ahead_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 - now_us();
}

// When the kernel had it, which may be long before this process is let run. 0: there is none.
static uint64_t take(int socket_fd, uint64_t ahead, uint64_t* number) {
  union {
    char octets[CMSG_SPACE(sizeof(struct timespec))];
    struct cmsghdr aligned;
  } control;
  struct iovec piece = {.iov_base = number, .iov_len = sizeof *number};
  struct msghdr message = {
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (recvmsg(socket_fd, &message, MSG_DONTWAIT) != sizeof *number) return 0;
  const struct cmsghdr* const said = CMSG_FIRSTHDR(&message);
  if (said == NULL || said->cmsg_type != SCM_TIMESTAMPNS) return now_us();
  struct timespec at;
  memcpy(&at, CMSG_DATA(said), sizeof at);
  return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000 - ahead;
}

static int receive(char** words) {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int room = 64 << 20, on = 1;
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(socket_fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  const uint64_t ahead = ahead_us();
  const struct sockaddr_in here = address_of(words[0], words[1]);
  if (bind(socket_fd, (const struct sockaddr*)&here, sizeof here) < 0) return die(words[0]);
  puts("ready");
  fflush(stdout);
  uint64_t(*const arrived)[2] = calloc(kMost, sizeof *arrived);
  const uint64_t end = now_us() + (uint64_t)(atof(words[2]) * 1e6);
  uint64_t count = 0;
  struct pollfd watched = {.fd = socket_fd, .events = POLLIN};
  while (count < kMost && now_us() < end) {
    if (poll(&watched, 1, 10) <= 0) continue;
    uint64_t number, at;
    while (count < kMost && (at = take(socket_fd, ahead, &number)) != 0) {
      arrived[count][0] = number;
      arrived[count++][1] = at;
    }
  }
  for (uint64_t i = 0; i < count; ++i)
    printf("%llu %llu\n", (unsigned long long)arrived[i][0], (unsigned long long)arrived[i][1]);
  return 0;
}

int main(int count, char** words) {
  if (count == 7 && strcmp(words[1], "frames") == 0) return frames(words + 2);
  if (count == 6 && strcmp(words[1], "arp") == 0) return requests(words + 2);
  if (count == 7 && strcmp(words[1], "send") == 0) return send_numbered(words + 2);
  if (count == 5 && strcmp(words[1], "receive") == 0) return receive(words + 2);
  fputs("usage: blast frames|arp|send|receive ... (see the source)\n", stderr);
  return 2;
}
