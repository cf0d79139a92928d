import pg from 'pg';
import { readFileSync } from 'node:fs';
import { makeCompany } from './company.ts';
import { openBenchDatabase, SILENT } from './database.ts';
import { emptyStore, knowSources, readAccounts, readRoster } from './roster.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createSourceStore } from '../../src/store/sources.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
const rss=()=>Math.round(process.memoryUsage().rss/2**20)+' MiB, HWM '+/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status','utf8'))[1]/1024;
const rows=Number(process.argv[2]??10000);
const stats=new Map(); let on=false;
const orig=pg.Client.prototype.query;
pg.Client.prototype.query=function(...a){ const r=orig.apply(this,a); if(on&&r&&r.then&&typeof a[0]==='string'){const k=a[0].replace(/\s+/g,' ').slice(0,110);const t=performance.now();const d=()=>{const s=stats.get(k)??{n:0,ms:0};s.n++;s.ms+=performance.now()-t;stats.set(k,s)};r.then(d,d);} else if (on && typeof a[0]!=='string') { const k='copy '+String(a[0]?.text??a[0]?.query?.text??a[0]?.cursor?.text).slice(0,60); const t=performance.now(); a[0].once?.('finish',()=>{const s=stats.get(k)??{n:0,ms:0};s.n++;s.ms+=performance.now()-t;stats.set(k,s)}); } return r;};
async function show(label,f){stats.clear();on=true;const t=performance.now();const c=process.cpuUsage();const r=await f();on=false;const u=process.cpuUsage(c);console.log(`\n== ${label}: ${(performance.now()-t).toFixed(0)} ms wall, node cpu ${((u.user+u.system)/1000).toFixed(0)}, ${rss()}`,JSON.stringify(r)?.slice(0,100));
 for(const [k,v] of [...stats].sort((a,b)=>b[1].ms-a[1].ms).slice(0,12)) console.log(v.ms.toFixed(0).padStart(7),String(v.n).padStart(4),k);}
const database=await openBenchDatabase(process.env);
try{
 const bench={company:makeCompany(rows,1),database,rounds:1,signal:new AbortController().signal,say:()=>{}};
 const deps={clock:()=>new Date(),log:SILENT,specs:[],sources:new Map(),sourceStore:createSourceStore(database),reconcileStore:createReconcileStore(database),queue:createQueue(database,SILENT),policy:{timezone:'UTC',breakerRatio:.2,leaverGraceDays:0,disabledRules:new Set()},judged(){},holder:'x',deliver:async()=>{}};
 const {directory,application}=await knowSources(bench);
 await show('load identities',()=>readRoster(bench,directory,bench.company.identities()));
 await show('load accounts',()=>readAccounts(bench,application,0));
 await show('unchanged',()=>readAccounts(bench,application,0));
 await show('unchanged2',()=>readAccounts(bench,application,0));
 await show('changed',()=>readAccounts(bench,application,1));
 const rec=()=>reconcile(deps,{dryRun:false,notify:false});
 await show('first',rec);
 await show('stored',rec);
 await show('stored',rec);
 await database.pool.query('truncate rollcall.link');
 await show('anew',rec);
 if (process.argv[3]) { on=false; const c=await database.pool.connect(); await c.query("load 'auto_explain'; set auto_explain.log_min_duration=300; set auto_explain.log_analyze=on; set client_min_messages=log; "); c.on('notice',n=>console.log(n.message)); c.release(); await rec(); }
} finally { await database.close(); }
