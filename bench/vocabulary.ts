/** Words of the generated catalogue: a believable spread of subjects in Chinese and English. */

const split = (text: string) => text.trim().split(/\s+/)

/** Place name characters; two of them and a suffix make a territory. */
export const placeCharacters = split(`
东 西 南 北 中 上 下 平 安 宁 江 河 湖 海 山 川 阳 阴 州 城 陵 原 林 清 明 新 古 长 永 兴 昌 隆 德 和 顺 泰 康 福 禄 寿 金 银 铜
铁 石 玉 龙 凤 虎 马 牛 羊 鹿 鹤 云 雨 雪 风 雷 日 月 星 光 华 英 秀 丽 美 春 夏 秋 冬 松 柏 竹 梅 兰 菊 桃 李 杏 桂 柳 杨 榆 槐
水 火 木 土 天 地 人 文 武 仁 义 礼 智 信 忠 孝 廉 洁 高 低 大 小 多 少 黄 白 黑 青 红 蓝 紫 绿 丹 朱 乌 赤 沙 溪 泉 潭 港 湾 岛
`)

/** [Chinese, English] subjects of data sets. */
export const subjects = `
人口 population|户籍 household registration|婚姻登记 marriage registration|出生医学证明 birth certificate|死亡登记 death registration
流动人口 migrant population|老年人 senior citizen|残疾人 disabled person|低保 minimum living allowance|社会救助 social assistance
养老机构 elderly care home|儿童福利 child welfare|殡葬服务 funeral service|志愿服务 volunteer service|社会组织 social organisation
企业登记 enterprise registration|个体工商户 sole trader|行政许可 administrative licence|行政处罚 administrative penalty|经营异常 abnormal operation
食品安全 food safety|药品监管 drug regulation|医疗器械 medical device|特种设备 special equipment|产品质量 product quality
医院 hospital|诊所 clinic|医师 physician|护士 nurse|疫苗接种 vaccination|传染病 infectious disease|健康档案 health record|医保参保 medical insurance
医保结算 insurance settlement|血库 blood bank|急救站点 ambulance station|社保缴费 social security contribution|养老金 pension|失业登记 unemployment
工伤认定 work injury|职业资格 vocational qualification|劳动合同 labour contract|招聘岗位 job vacancy|人才引进 talent programme|培训机构 training provider
小学 primary school|中学 secondary school|幼儿园 kindergarten|高校 university|学籍 student status|教师资格 teacher qualification|考试成绩 examination result
助学金 student grant|学区 school district|校车 school bus|图书馆 library|博物馆 museum|文物保护 heritage protection|非物质文化遗产 intangible heritage
旅游景区 tourist attraction|星级饭店 star hotel|旅行社 travel agency|体育场馆 sports venue|公园绿地 public park|古树名木 ancient tree
道路 road|桥梁 bridge|隧道 tunnel|公交线路 bus route|公交站点 bus stop|地铁站 metro station|车站 railway station|停车场 parking lot|充电桩 charging station
驾驶证 driving licence|机动车 motor vehicle|交通事故 traffic accident|交通流量 traffic flow|出租车 taxi|网约车 ride hailing|货运车辆 freight vehicle
港口 port|船舶 vessel|航道 waterway|机场 airport|航班 flight|快递网点 courier outlet|物流园区 logistics park|邮政营业点 post office
空气质量 air quality|水质监测 water quality|噪声监测 noise monitoring|土壤污染 soil pollution|排污许可 discharge permit|危险废物 hazardous waste
垃圾分类 waste sorting|污水处理 sewage treatment|自然保护区 nature reserve|生态红线 ecological boundary|碳排放 carbon emission|辐射环境 radiation
水库 reservoir|河道 river course|水文站 hydrological station|降雨量 rainfall|地下水 groundwater|取水许可 water licence|灌区 irrigation area|水土保持 soil conservation
气象站 weather station|气象预警 weather warning|台风路径 typhoon track|地震台站 seismic station|地质灾害 geological hazard|森林防火 forest fire
土地利用 land use|不动产登记 real estate registration|建设用地 construction land|矿业权 mining right|测绘成果 survey result|规划许可 planning permit
施工许可 construction permit|建筑企业 construction company|房屋租赁 housing rental|公共租赁住房 public rental housing|物业小区 residential estate|供水管网 water supply network
燃气设施 gas facility|供热 district heating|路灯 street lamp|井盖 manhole cover|公共厕所 public toilet|城市管理案件 city management case
农产品价格 farm produce price|种子企业 seed company|农药登记 pesticide registration|畜禽养殖 livestock farming|动物检疫 animal quarantine|渔业船舶 fishing vessel
粮食储备 grain reserve|高标准农田 high standard farmland|农村集体资产 rural collective asset|农民合作社 farmers cooperative|乡村振兴 rural revitalisation
财政预算 fiscal budget|财政支出 public expenditure|政府采购 government procurement|税收收入 tax revenue|国有资产 state asset|政府债务 government debt|补贴发放 subsidy payment
进出口 import and export|外商投资 foreign investment|海关企业 customs enterprise|电子商务 electronic commerce|消费品零售 retail sales|物价指数 price index
工业产值 industrial output|用电量 electricity consumption|能源消费 energy consumption|加油站 petrol station|高新技术企业 high-tech enterprise|专利 patent|商标 trademark
科技项目 research project|重点实验室 key laboratory|知识产权 intellectual property|标准目录 standards catalogue|检验检测机构 testing laboratory
律师 lawyer|公证机构 notary office|法律援助 legal aid|社区矫正 community correction|人民调解 people's mediation|法院执行 court enforcement|监狱 prison
警情 police incident|消防栓 fire hydrant|消防站 fire station|安全生产 work safety|应急物资 emergency supply|避难场所 emergency shelter|危化品 dangerous chemical
信用评价 credit evaluation|失信被执行人 enforcement defaulter|红名单 honour list|双随机抽查 random inspection|投诉举报 complaint|政务服务事项 service matter|电子证照 electronic licence
`
  .trim()
  .split(/[|\n]/)
  .map((line) => {
    const [zh, ...en] = line.trim().split(' ')
    return [zh!, en.join(' ')] as const
  })

/** [Chinese, English] kinds of data sets. */
export const kinds = `
信息 information|名录 register|统计 statistics|明细 details|清单 list|目录 directory|台账 ledger|数据 data|情况 overview|结果 results|公示 public notice|档案 archive
分布 distribution|基础信息 basic information|年报 annual report|月报 monthly report|监测数据 monitoring data|办理记录 processing record|许可信息 licence information
评价结果 evaluation results|变更记录 change history|注销信息 deregistration|抽检结果 inspection results|预警信息 alerts|服务网点 service points|地理坐标 coordinates
`
  .trim()
  .split(/[|\n]/)
  .map((line) => {
    const [zh, ...en] = line.trim().split(' ')
    return [zh!, en.join(' ')] as const
  })

/** [Chinese, English] what an item says about its subject. */
export const attributes = `
名称 name|编号 number|代码 code|类型 type|类别 category|地址 address|住址 home address|户籍地址 household address|联系电话 telephone|联系人 contact person|邮政编码 postal code
统一社会信用代码 unified social credit code|身份证号码 identity number|法定代表人 legal representative|负责人 person in charge|注册资本 registered capital|成立日期 date of establishment
登记日期 registration date|有效期至 valid until|发证日期 date of issue|发证机关 issuing authority|状态 status|性别 sex|民族 ethnicity|出生日期 date of birth|学历 education level|职业 occupation
年龄 age|数量 quantity|金额 amount|单价 unit price|总额 total amount|面积 area|长度 length|宽度 width|高度 height|重量 weight|容量 capacity|等级 grade|级别 level|经度 longitude|纬度 latitude
行政区划代码 administrative division code|所属街道 sub-district|所属社区 community|开始时间 start time|结束时间 end time|更新时间 update time|备注 remark|来源 source|单位 unit|比例 ratio|同比增长 year-on-year growth
环比增长 month-on-month growth|平均值 average|最大值 maximum|最小值 minimum|累计值 cumulative value|监测时间 monitoring time|监测点位 monitoring point|审批结果 approval result|审批时间 approval time
处罚依据 penalty basis|处罚金额 penalty amount|服务对象 service object|服务时间 opening hours|办理时限 processing time limit|收费标准 fee standard|网址 website|电子邮箱 email address|描述 description|用途 purpose
`
  .trim()
  .split(/[|\n]/)
  .map((line) => {
    const [zh, ...en] = line.trim().split(' ')
    return [zh!, en.join(' ')] as const
  })

/** [Chinese, English] qualifiers before an item's subject. */
export const qualifiers = `
申请 applicant|受理 acceptance|本期 current period|上期 previous period|年度 annual|月度 monthly|季度 quarterly|主要 main|原 former|现 present|第一 first|第二 second|备用 spare|法定 statutory|实际 actual
计划 planned|预计 expected|核定 approved|登记 registered|变更后 changed|变更前 unchanged|所属 parent|上级 superior|下级 subordinate|经办 handling|审核 reviewing|复核 verifying|主管 competent|委托 entrusted|被检查 inspected
检测 tested|抽样 sampled|样品 sample|设备 equipment|项目 project|工程 works|合同 contract|票据 invoice|账户 account|家庭 household|配偶 spouse|监护人 guardian|紧急 emergency|代理 agent|车主 vehicle owner|驾驶人 driver
业主 owner|承租人 tenant|出租人 landlord|患者 patient|就诊 visit|住院 inpatient|门诊 outpatient|学生 student|班级 class|课程 course|教师 teacher|考生 candidate|职工 employee|雇主 employer|岗位 post|用户 user|产品 product
批次 batch|仓库 warehouse|库存 stock|线路 route|站点 stop|航次 voyage|泊位 berth|断面 section|流域 basin|地块 parcel|宗地 land lot|房屋 dwelling|楼栋 building|小区 estate|管线 pipeline|阀门 valve|案件 case|证件 certificate
`
  .trim()
  .split(/[|\n]/)
  .map((line) => {
    const [zh, ...en] = line.trim().split(' ')
    return [zh!, en.join(' ')] as const
  })

/** Sentences of abstracts; S subject, P place, B body, K kind, Y year. */
export const sentences: readonly (readonly [string, string])[] = [
  ['P范围内S的K，由B负责采集和维护。', 'K on S within P, collected and maintained by B.'],
  ['包括Y年以来全部记录，按规定周期更新。', 'Covers all records since Y, refreshed on the agreed cycle.'],
  ['数据来自业务系统，经过校验后共享。', 'Taken from the business system and checked before it is shared.'],
  [
    '用于部门核验、监督管理和社会公众查询。',
    'Used for verification between departments, supervision and public enquiries.',
  ],
  [
    '每条记录对应一个S，含编号、名称和状态等字段。',
    'Each record stands for one S with its number, name and status.',
  ],
  ['涉及个人信息的字段已经脱敏。', 'Fields with personal information are masked.'],
  [
    '依据有关法律法规编制，适用于P各级单位。',
    'Compiled under the applicable law for offices at every level in P.',
  ],
  ['如发现错误，请向B提出更正。', 'Please report errors to B.'],
]
