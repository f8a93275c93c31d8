"""The compiled backend: ensembles in machine code, some runs in the lanes of every instruction."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np

from headframe.engine.llvm import module
from headframe.engine.llvm_compile import Loaded, host, object_code
from headframe.engine.llvm_driver import ARGUMENTS, POINTERS
from headframe.engine.llvm_vectors import Machine, Precision, Real
from headframe.engine.lower import lower
from headframe.engine.runs import Horizon, Outcomes, Recorded, Runs, recorded
from headframe.engine.system import System


class Kernel:
    name = "kernel"
    def __init__(self, system, horizon, outcomes, precision="float64", threads=1, machine=None, level=2):
        self.system, self.horizon, self.outcomes, self.precision, self.threads = system, horizon, outcomes, precision, threads
        machine = machine or host()
        self.real = Real(precision, machine.lanes(precision))
        t0=perf_counter(); program = lower(system, outcomes); t1=perf_counter()
        text, self.buffers = module(program, precision, machine); t2=perf_counter()
        self.text = text
        self.program=program
        code = object_code(text, machine, level); t3=perf_counter()
        self.object_bytes=len(code); self.code=code
        self.loaded=Loaded(code, machine); t4=perf_counter()
        self.times=dict(lower=t1-t0,print=t2-t1,compile=t3-t2,load=t4-t3)
        self.function=ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.loaded.address("run"))

    def run(self, runs):
        h=self.horizon; n=len(runs); W=self.real.lanes
        numbers=sum(o.place.size for o in self.program.outcomes)
        T=np.dtype(self.precision)
        values=np.empty((n,len(h.recorded_steps),numbers),T)
        fs=np.full(n,-1,np.int32); fb=np.full(n,-1,np.int32)
        c=lambda a,t: np.ascontiguousarray(a,dtype=t)
        arrays=dict(parameters=c(runs.parameters,np.float64),paths=c(runs.paths,np.float64),path_set=c(runs.path_set,np.int32),offsets=c(runs.events.offsets,np.int32),
          event_rows=c(runs.events.rows,np.int32),event_starts=c(runs.events.starts,np.float64),event_ends=c(runs.events.ends,np.float64),event_amounts=c(runs.events.amounts,np.float64),
          cuts=c(runs.cuts,np.uint8),points=c(h.points,np.float64),values=values,failed_step=fs,failed_bound=fb)
        blocks=-(-n//W)
        any_cuts=bool(runs.cuts.any())
        ev=(h.steps*(4 if h.integrator=='rk4' else 1)+1+h.steps//h.steps_per_year) if any_cuts else 0
        def part(first,last):
            buf=np.zeros(self.buffers.rows*self.real.bytes+64,np.uint8); kept=np.zeros(ev*self.program.rows['bases']*self.real.bytes+64,np.uint8)
            al=lambda a:(a.ctypes.data+63)//64*64
            d={k:a.ctypes.data for k,a in arrays.items()}|dict(buffer=al(buf),bases=al(kept),runs=n,first_block=first,last_block=last,steps=h.steps,steps_per_year=h.steps_per_year,record_every=h.record_every,point_count=len(h.points),record_count=len(h.recorded_steps),runge_kutta=int(h.integrator=='rk4'),any_cuts=int(any_cuts))
            args=np.zeros(len(ARGUMENTS),np.int64)
            for i,k in enumerate(ARGUMENTS[:-1]): args[i]=d[k]
            args.view(np.float64)[-1]=h.time_step
            self.function(args.ctypes.data)
        if self.threads==1 or blocks<2: part(0,blocks)
        else:
            cut=[blocks*i//self.threads for i in range(self.threads+1)]
            with ThreadPoolExecutor(self.threads) as ex: list(ex.map(part,cut[:-1],cut[1:]))
        return recorded(self.system,h,self.outcomes,values,(fs,fb))
