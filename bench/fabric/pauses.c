// pauses: when each CPU stood still, as of a virtual machine whose host has other guests: a thread of the highest
// real-time priority on each, which sleeps a millisecond at a time and wakes too late.
//
//     pauses SECONDS
//         prints "CPU FROM TO" (microseconds, CLOCK_MONOTONIC) of each pause of two milliseconds or more
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { kStep = 1000, kPause = 2000, kMostCpus = 256 };  // microseconds

static uint64_t end;

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void* watch(void* which) {
  const long cpu = (long)which;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET((size_t)cpu, &only);
  const struct sched_param first = {.sched_priority = 99};
  if (pthread_setaffinity_np(pthread_self(), sizeof only, &only) != 0) return NULL;
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &first) != 0) return NULL;
  for (uint64_t due = now_us() + kStep; due < end; due = now_us() + kStep) {
    const struct timespec until = {.tv_sec = (time_t)(due / 1000000), .tv_nsec = (long)(due % 1000000) * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    const uint64_t woke = now_us();
    if (woke - due >= kPause) printf("%ld %llu %llu\n", cpu, (unsigned long long)due, (unsigned long long)woke);
  }
  return NULL;
}

int main(int count, char** words) {
  if (count != 2) return fprintf(stderr, "pauses SECONDS\n"), 2;
  mlockall(MCL_CURRENT | MCL_FUTURE);
  end = now_us() + (uint64_t)atol(words[1]) * 1000000;
  pthread_t threads[kMostCpus];
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  if (cpus > kMostCpus) cpus = kMostCpus;
  for (long i = 0; i < cpus; ++i) pthread_create(&threads[i], NULL, watch, (void*)i);
  for (long i = 0; i < cpus; ++i) pthread_join(threads[i], NULL);
}
