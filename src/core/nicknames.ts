/** What people called by the first name answer to. Common English ones; a name may be short for several. */
const CALLED: Readonly<Record<string, string>> = {
  abigail: 'abby abbie gail',
  albert: 'al bert bertie',
  alexander: 'alex al sandy xander lex',
  alexandra: 'alex sandra sandy lexi',
  alfred: 'al alf alfie fred',
  amanda: 'mandy',
  andrew: 'andy drew',
  anthony: 'tony ant',
  barbara: 'barb babs barbie',
  benjamin: 'ben benny benji',
  catherine: 'cathy cat kate katie kitty cate',
  charles: 'charlie chuck chas',
  charlotte: 'charlie lottie',
  christina: 'chris chrissy tina',
  christine: 'chris chrissy tina',
  christopher: 'chris kit topher',
  cynthia: 'cindy',
  daniel: 'dan danny',
  david: 'dave davy',
  deborah: 'deb debbie',
  dorothy: 'dot dottie dolly',
  edward: 'ed eddie ted ned',
  eleanor: 'ellie nell nora',
  elizabeth: 'liz lizzie beth betty bess eliza libby lisa',
  emily: 'em emmy',
  frances: 'fran frankie',
  francis: 'frank fran',
  frederick: 'fred freddie',
  gabriel: 'gabe',
  geoffrey: 'geoff jeff',
  gerald: 'gerry jerry',
  gregory: 'greg',
  harold: 'harry hal',
  henry: 'harry hank hal',
  isabella: 'bella izzy isabel',
  jacob: 'jake',
  james: 'jim jimmy jamie',
  jeffrey: 'jeff',
  jennifer: 'jen jenny',
  jessica: 'jess jessie',
  john: 'jack johnny jon',
  jonathan: 'jon jonny nathan',
  joseph: 'joe joey',
  joshua: 'josh',
  judith: 'judy jude',
  katherine: 'kathy kate katie kat kitty kay',
  kathleen: 'kathy kate katie',
  kenneth: 'ken kenny',
  kimberly: 'kim kimmy',
  lawrence: 'larry laurie',
  leonard: 'leo len lenny',
  louis: 'lou louie',
  margaret: 'maggie meg peggy madge greta rita',
  martin: 'marty',
  matthew: 'matt matty',
  megan: 'meg',
  michael: 'mike mick mickey mikey',
  michelle: 'shelly mich',
  nathaniel: 'nat nate nathan',
  nicholas: 'nick nicky',
  nicole: 'nicky nikki',
  oliver: 'ollie',
  pamela: 'pam',
  patricia: 'pat patty trish tricia',
  patrick: 'pat paddy rick',
  peter: 'pete',
  philip: 'phil pip',
  raymond: 'ray',
  rebecca: 'becky becca',
  richard: 'rick ricky rich richie dick',
  robert: 'bob bobby rob robbie bert',
  roberta: 'bobbie robbie',
  ronald: 'ron ronnie',
  samantha: 'sam sammy',
  samuel: 'sam sammy',
  sandra: 'sandy',
  sarah: 'sally sadie',
  stephanie: 'steph',
  stephen: 'steve stevie',
  steven: 'steve stevie',
  susan: 'sue susie suzy',
  susanna: 'sue susie suzy',
  terence: 'terry',
  theodore: 'ted teddy theo',
  theresa: 'terry tess tessa',
  thomas: 'tom tommy',
  timothy: 'tim timmy',
  victoria: 'vicky tori',
  vincent: 'vince vinny',
  walter: 'walt wally',
  william: 'bill billy will willy liam',
  zachary: 'zach zack',
};

const FULL_NAMES = new Map<string, Set<string>>();
for (const [full, called] of Object.entries(CALLED)) {
  for (const name of [full, ...called.split(' ')]) {
    FULL_NAMES.set(name, (FULL_NAMES.get(name) ?? new Set()).add(full));
  }
}

/** Whether two folded given names that differ are ways to call one person: both may be short for the same name. */
export function mayBeOneGivenName(a: string, b: string): boolean {
  if (a === b) return false;
  const full = FULL_NAMES.get(b);
  return [...(FULL_NAMES.get(a) ?? [])].some((name) => full?.has(name) === true);
}

/** All that somebody with this folded given name may be called, without the name itself. */
export function otherGivenNames(name: string): readonly string[] {
  const full = [...(FULL_NAMES.get(name) ?? [])];
  const others = full.flatMap((each) => [each, ...(CALLED[each] ?? '').split(' ')]);
  return [...new Set(others)].filter((each) => each !== name);
}
