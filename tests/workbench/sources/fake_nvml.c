/* A stand-in for NVIDIA's libnvidia-ml.so.1, loaded by the real pynvml through ctypes.
 *
 * A test steers it by setting the `fake_*` integers, or, where it runs in another process, by FAKE_NVML in the
 * environment, which is read with nvmlInit: "gpus=8 lost=2 mig=1 pid=4711 pid=4712". A function that is absent here is
 * one the driver lacks; compiled with -DOLD_DRIVER, those are absent too that came late. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { OK = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };
enum { MOST = 16, SLICES = 3, LINKS = 2 };

#define KNOBS(_) \
    _(gpus, 2) _(init_result, OK) _(count_result, OK) \
    _(lost, -1)            /* the GPU that fell off the bus, handle and all */ \
    _(bad_gpu, -1)         /* the GPU that fails ... */ \
    _(bad_result, 15)      /* ... with this code ... */ \
    _(bad_from_handle, 0)  /* ... already when its handle is asked for */ \
    _(no_memory_v2, 0) _(unified_memory, 0) _(garbled_name, 0) _(hang, 0) \
    _(few, 0)              /* the chip gives little: most figures are N/A */ \
    _(throttling, 0x1)     /* event reasons of every GPU; 1 is idling */ \
    _(mig, -1)             /* the GPU in MIG mode */ \
    _(mig_shared, 0)       /* its slices are compute instances of one GPU instance */ \
    _(mig_closed, 0)       /* and this user may not look into its slices */ \
    _(gpm, 0) _(nvlink, 0) _(idle, 0) _(pid, 0) _(kind, 0) _(no_process_memory, 0) _(busy, 37) \
    _(xid, 0)              /* the last GPU reports this error, once */ \
    _(jitter, 0)           /* how far figures wander from one question to the next */ \
    _(inits, 0) _(shutdowns, 0) _(hanging, 0) _(samples, 0) _(taken, 0) _(calls, 0) _(slow_calls, 0)
#define DECLARE(name, value) volatile int fake_##name = value;
KNOBS(DECLARE)

typedef struct { int index, slice; } gpu;
typedef struct { unsigned pid; uint64_t memory; unsigned gpu_instance, compute_instance; } process;
typedef struct { unsigned pid; uint64_t time; unsigned sm, memory, encoder, decoder; } use;
typedef struct { uint32_t field, scope; int64_t time, latency; int type, result; uint64_t value; } field;
typedef struct { unsigned id; int result; double value; void *names[3]; } metric;
typedef struct { gpu *device; uint64_t type, data; unsigned instance, compute; } happening;
typedef struct { unsigned version, count; int *before, *now; metric metrics[]; } metrics;

static gpu gpus[MOST], slices[MOST][SLICES];
static int pids[MOST], pid_count;
static uint64_t carried;

static void set(const char *name, int value) {
#define COMPARE(knob, first) if (!strcmp(name, #knob)) fake_##knob = value;
    KNOBS(COMPARE)
    if (!strcmp(name, "pid") && pid_count < MOST) pids[pid_count++] = value;
}

void fake_set(const char *name, int value) { set(name, value); }

static int answer(gpu *device) {
    fake_calls++;
    if (fake_hang) {
        fake_hanging = 1;
        while (fake_hang) usleep(500);
        fake_hanging = 0;
    }
    if (device->index == fake_lost) return 15;
    return device->index == fake_bad_gpu ? fake_bad_result : OK;
}

/* A figure that the chip lacks when it gives few. */
static int extra(gpu *device) {
    int result = answer(device);
    return result ? result : fake_few ? NOT_SUPPORTED : OK;
}

static int tell(unsigned *place, unsigned value, int result) {
    if (result == OK) *place = value;
    return result;
}

static unsigned wander(int value) {
    static int step;
    return (unsigned)(value + (fake_jitter ? (step += 7) % fake_jitter : 0));
}

static int slow(int result) {
    fake_slow_calls++;
    return result;
}

int nvmlDeviceGetIndex(gpu *device, unsigned *index) { return tell(index, (unsigned)device->index, OK); }

static int event_set;

int nvmlEventSetCreate(int **events) {
    *events = &event_set;
    return OK;
}

int nvmlEventSetFree(int *events) {
    (void)events;
    return OK;
}

int nvmlDeviceRegisterEvents(gpu *device, uint64_t types, int *events) {
    (void)events;
    return types & 8 ? answer(device) : INVALID_ARGUMENT;
}

int nvmlEventSetWait_v2(int *events, happening *event, unsigned timeout) {
    (void)events;
    if (timeout || !fake_xid) return 10;
    event->device = &gpus[fake_gpus - 1];
    event->type = 8;
    event->data = (uint64_t)fake_xid;
    fake_xid = 0;
    return OK;
}

const char *nvmlErrorString(int code) { return code ? "an error of the stand-in" : "success"; }

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    const char *scenario = getenv("FAKE_NVML");
    char name[32];
    int value, length;
    while (scenario && sscanf(scenario, " %31[a-z_0-9]=%d%n", name, &value, &length) == 2) {
        set(name, value);
        scenario += length;
    }
    if (fake_init_result == OK) fake_inits++;
    return fake_init_result;
}

int nvmlShutdown(void) {
    fake_shutdowns++;
    return OK;
}

int nvmlSystemGetDriverVersion(char *text, unsigned length) {
    snprintf(text, length, "570.12.34");
    return OK;
}

int nvmlDeviceGetCount_v2(unsigned *count) { return tell(count, (unsigned)fake_gpus, fake_count_result); }

int nvmlDeviceGetHandleByIndex_v2(unsigned index, gpu **device) {
    if ((int)index >= fake_gpus || index >= MOST) return INVALID_ARGUMENT;
    if ((int)index == fake_bad_gpu && fake_bad_from_handle) return fake_bad_result;
    if ((int)index == fake_lost) return 15;
    gpus[index] = (gpu){(int)index, -1};
    *device = &gpus[index];
    return OK;
}

int nvmlDeviceGetName(gpu *device, char *text, unsigned length) {
    if (device->slice >= 0) snprintf(text, length, "NVIDIA Test %d MIG 1g.10gb", device->index);
    else snprintf(text, length, fake_garbled_name ? "\xff\xfe" : "NVIDIA Test %d", device->index);
    return slow(OK);
}

int nvmlDeviceGetUUID(gpu *device, char *text, unsigned length) {
    const char *kind = device->slice >= 0 ? "MIG" : "GPU";
    snprintf(text, length, "%s-00000000-0000-0000-0000-0000000000%d%d", kind, device->slice + 1, device->index);
    return OK;
}

int nvmlDeviceGetUtilizationRates(gpu *device, unsigned *rates) {
    rates[0] = wander(fake_busy);
    rates[1] = wander(12);
    return device->index == fake_mig ? NOT_SUPPORTED : answer(device);
}

int nvmlDeviceGetMemoryInfo(gpu *device, uint64_t *memory) { /* total, free, used; used holds the reserved part */
    memory[0] = fake_unified_memory ? 0 : 80000000000;
    memory[1] = 48000000000;
    memory[2] = fake_unified_memory ? 0 : 32000000000;
    return answer(device);
}

#ifndef OLD_DRIVER
int nvmlDeviceGetMemoryInfo_v2(gpu *device, char *memory) { /* version, then total, reserved, free, used */
    uint64_t *sizes = (uint64_t *)(memory + 8);
    if (fake_no_memory_v2) return 25;
    sizes[0] = fake_unified_memory ? 0 : device->slice >= 0 ? 10000000000 : 80000000000;
    sizes[1] = 2000000000;
    sizes[2] = 48000000000;
    sizes[3] = fake_unified_memory ? 0 : device->slice >= 0 ? 4000000000 : 30000000000;
    return answer(device);
}
#endif

int nvmlDeviceGetTemperature(gpu *device, int sensor, unsigned *celsius) {
    return sensor ? INVALID_ARGUMENT : tell(celsius, wander(61), answer(device));
}

int nvmlDeviceGetTemperatureThreshold(gpu *device, int threshold, unsigned *celsius) {
    return threshold == 1 ? tell(celsius, 89, extra(device)) : INVALID_ARGUMENT;
}

int nvmlDeviceGetPowerUsage(gpu *device, unsigned *milliwatts) { return tell(milliwatts, 412500 + 1000 * wander(0), answer(device)); }

int nvmlDeviceGetEnforcedPowerLimit(gpu *device, unsigned *milliwatts) {
    (void)milliwatts;
    int result = answer(device);
    return result ? result : NOT_SUPPORTED;
}

int nvmlDeviceGetPowerManagementLimit(gpu *device, unsigned *milliwatts) {
    return tell(milliwatts, 700000, slow(answer(device)));
}

int nvmlDeviceGetClockInfo(gpu *device, int domain, unsigned *mhz) {
    return tell(mhz, domain == 2 ? 2619 : wander(1410), extra(device));
}

int nvmlDeviceGetMaxClockInfo(gpu *device, int domain, unsigned *mhz) {
    return tell(mhz, domain == 2 ? 2619 : 1980, extra(device));
}

int nvmlDeviceGetPerformanceState(gpu *device, unsigned *state) { return tell(state, 0, extra(device)); }

static int throttling(gpu *device, uint64_t *reasons) {
    *reasons = (uint64_t)fake_throttling;
    return extra(device);
}

int nvmlDeviceGetCurrentClocksThrottleReasons(gpu *device, uint64_t *reasons) { return throttling(device, reasons); }
#ifndef OLD_DRIVER
int nvmlDeviceGetCurrentClocksEventReasons(gpu *device, uint64_t *reasons) { return throttling(device, reasons); }
#endif

int nvmlDeviceGetCurrPcieLinkGeneration(gpu *device, unsigned *value) { return tell(value, 4, extra(device)); }
int nvmlDeviceGetMaxPcieLinkGeneration(gpu *device, unsigned *value) { return tell(value, 5, extra(device)); }
int nvmlDeviceGetCurrPcieLinkWidth(gpu *device, unsigned *value) { return tell(value, 16, extra(device)); }
int nvmlDeviceGetMaxPcieLinkWidth(gpu *device, unsigned *value) { return tell(value, 16, extra(device)); }

int nvmlDeviceGetPcieThroughput(gpu *device, int counter, unsigned *kilobytes) {
    usleep(20000); /* as the real one */
    return tell(kilobytes, counter == 1 ? 2000000 : 500000, extra(device));
}

int nvmlDeviceGetEncoderUtilization(gpu *device, unsigned *value, unsigned *period) {
    *period = 167000;
    return tell(value, 7, extra(device));
}

int nvmlDeviceGetDecoderUtilization(gpu *device, unsigned *value, unsigned *period) {
    *period = 167000;
    return tell(value, 9, extra(device));
}

int nvmlDeviceGetTotalEccErrors(gpu *device, int kind, int counter, uint64_t *count) {
    if (kind != 1 || counter != 0) return INVALID_ARGUMENT;
    *count = 3;
    return extra(device);
}

int nvmlDeviceGetPersistenceMode(gpu *device, unsigned *mode) { return tell(mode, 1, extra(device)); }

/* MIG */

int nvmlDeviceGetMigMode(gpu *device, unsigned *current, unsigned *pending) {
    *pending = 0;
    return tell(current, device->index == fake_mig, extra(device));
}

int nvmlDeviceGetMaxMigDeviceCount(gpu *device, unsigned *count) { return tell(count, 7, answer(device)); }

int nvmlDeviceGetMigDeviceHandleByIndex(gpu *device, unsigned index, gpu **slice) {
    if (index >= SLICES || index == 1) return NOT_FOUND; /* the second place is not taken */
    slices[device->index][index] = (gpu){device->index, (int)index};
    *slice = &slices[device->index][index];
    return answer(device);
}

int nvmlDeviceGetGpuInstanceId(gpu *device, unsigned *id) {
    return tell(id, (unsigned)(fake_mig_shared ? 0 : device->slice) + 7, device->slice < 0 ? INVALID_ARGUMENT : OK);
}

int nvmlDeviceGetComputeInstanceId(gpu *device, unsigned *id) { return tell(id, 0, answer(device)); }

/* Processes: the PIDs go round the GPUs, and on one in MIG mode all to the last slice. `kind` 1 makes them graphics and
 * compute, 2 clients of MPS. */

static int list(gpu *device, int listed, unsigned *room, process *table) {
    int result = answer(device);
    unsigned found = 0;
    process mine[MOST];
    if (result) return result;
    if (device->slice >= 0 && fake_mig_closed) return 4;
    for (int i = 0; listed && i < pid_count; i++) {
        if (i % fake_gpus != device->index) continue;
        if (device->slice >= 0 && device->slice != SLICES - 1) continue;
        int mig = device->index == fake_mig;
        mine[found++] = (process){(unsigned)pids[i], fake_no_process_memory ? UINT64_MAX : 1500000000,
                                  mig ? SLICES + 6 : UINT32_MAX, mig ? 0 : UINT32_MAX};
    }
    unsigned given = *room;
    *room = found;
    if (given < found) return INSUFFICIENT_SIZE;
    memcpy(table, mine, found * sizeof *table);
    return OK;
}

#define LISTS(version) \
    int nvmlDeviceGetComputeRunningProcesses##version(gpu *d, unsigned *n, process *t) { return list(d, 1, n, t); } \
    int nvmlDeviceGetGraphicsRunningProcesses##version(gpu *d, unsigned *n, process *t) { \
        return list(d, fake_kind == 1, n, t); } \
    int nvmlDeviceGetMPSComputeRunningProcesses##version(gpu *d, unsigned *n, process *t) { \
        return list(d, fake_kind == 2, n, t); }
LISTS(_v2)
#ifndef OLD_DRIVER
LISTS(_v3)
#endif

int nvmlDeviceGetProcessUtilization(gpu *device, use *table, unsigned *room, uint64_t since) {
    struct timeval now;
    int result = answer(device);
    gettimeofday(&now, NULL);
    uint64_t micros = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_usec;
    if (result) return result;
    if (device->index == fake_mig || fake_few) return NOT_SUPPORTED;
    if (since > micros || micros - since > 10000000) return INVALID_ARGUMENT;
    if (fake_idle || !pid_count) return NOT_FOUND;
    unsigned given = *room;
    *room = 2; /* an old sample after the newest one; only the first process did something */
    if (given < 2) return INSUFFICIENT_SIZE;
    table[0] = (use){(unsigned)pids[0], micros, wander(64), wander(21), 0, 0};
    table[1] = (use){(unsigned)pids[0], micros - 500000, 1, 999, 0, 0};
    return OK;
}

/* Links */

int nvmlDeviceGetNvLinkState(gpu *device, unsigned link, unsigned *state) {
    int result = answer(device);
    return result ? result : !fake_nvlink ? NOT_SUPPORTED : link < LINKS ? tell(state, 1, OK) : INVALID_ARGUMENT;
}

int nvmlDeviceGetFieldValues(gpu *device, int count, field *fields) {
    carried += 1000;
    for (int i = 0; i < count; i++) {
        fields[i].type = 3;
        fields[i].result = fields[i].scope < LINKS ? OK : INVALID_ARGUMENT;
        fields[i].value = carried * (fields[i].field == 139 ? 2 : 1);
    }
    return answer(device);
}

/* Performance monitors */

#ifndef OLD_DRIVER
int nvmlGpmQueryDeviceSupport(gpu *device, unsigned *support) { return tell(support + 1, fake_gpm != 0, answer(device)); }

int nvmlGpmSampleAlloc(int **sample) {
    *sample = calloc(1, sizeof(int));
    fake_samples++;
    return OK;
}

int nvmlGpmSampleFree(int *sample) {
    free(sample);
    fake_samples--;
    return OK;
}

int nvmlGpmSampleGet(gpu *device, int *sample) {
    *sample = 1;
    return answer(device);
}

int nvmlGpmMigSampleGet(gpu *device, unsigned instance, int *sample) {
    fake_taken++;
    *sample = (int)instance;
    return answer(device);
}

int nvmlGpmMetricsGet(metrics *asked) {
    if (asked->version != 1 || asked->count != 1 || *asked->before != *asked->now) return INVALID_ARGUMENT;
    asked->metrics[0].result = asked->metrics[0].id == 2 ? OK : NOT_SUPPORTED;
    asked->metrics[0].value = 22.5 + *asked->now;
    return OK;
}
#endif
