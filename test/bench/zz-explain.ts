import { makeCompany } from './company.ts';
import { openBenchDatabase, SILENT } from './database.ts';
import { knowSources, readAccounts, readRoster } from './roster.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createSourceStore } from '../../src/store/sources.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
const database=await openBenchDatabase(process.env);
try{
 const bench={company:makeCompany(Number(process.argv[2]??10000),1),database,rounds:1,signal:new AbortController().signal,say:()=>{}};
 const {directory,application}=await knowSources(bench);
 await readRoster(bench,directory,bench.company.identities()); await readAccounts(bench,application,0);
 database.pool.on('connect',()=>{});
 const one={pool:{connect:async()=>{const c=await database.pool.connect(); await c.query("load 'auto_explain'; set auto_explain.log_min_duration=100; set auto_explain.log_analyze=on; set auto_explain.log_timing=off; set client_min_messages=log; "); c.on('notice',n=>console.log('#',n.message.slice(0,9000))); return c;}}};
 const deps={clock:()=>new Date(),log:SILENT,specs:[],sources:new Map(),sourceStore:createSourceStore(database),reconcileStore:createReconcileStore(one),queue:createQueue(database,SILENT),policy:{timezone:'UTC',breakerRatio:.2,leaverGraceDays:0,disabledRules:new Set()},judged(){},holder:'x',deliver:async()=>{}};
 for (let i=0;i<2;i++){const t=performance.now(); await reconcile(deps,{dryRun:false,notify:false}); console.log('######## reconcile',performance.now()-t);}
} finally { await database.close(); }
