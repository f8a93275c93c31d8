"""What columns of three yearbook editions are, read by hand in the heads of the workbooks.

One line per column: position counted from 1, a piece of the label as printed, indicator, dimensions, unit, concept; the
concept of the area is written W (whole city) or D (urban districts). A `?` behind a field says that the head leaves it
open, so that it has to be asked about. The unit of population in the later editions is not printed at all.
In the earliest edition two heads name a unit in which the figures cannot stand (natural growth in % of 6, pupils of a
city in persons of 15): the unit in which they can is proposed there, and asked about.
"""

from __future__ import annotations

from dataclasses import dataclass

AREAS = {"W": "whole-city", "D": "urban-districts"}
FOUNDED = {"S": "above-designated-size", "U": "urban-units", "P": "on-post-staff", "G": "general-budget"}


@dataclass(frozen=True)
class Column:
    """One column as a person reads its head."""

    position: int
    printed: str
    indicator: str
    dims: str
    unit: str
    concept: frozenset[str]
    asked: frozenset[str]


def _column(line: str) -> Column:
    position, printed, indicator, dims, unit, concept = (part.strip() for part in line.split("|"))
    asked = {name for name, text in (("unit", unit), ("concept", concept), ("values", indicator)) if text.endswith("?")}
    words = concept.rstrip("?").split()
    named = frozenset(AREAS.get(word) or FOUNDED.get(word) or word for word in words)
    return Column(int(position), printed, indicator.rstrip("?"), dims, unit.rstrip("?"), named, frozenset(asked))


def columns(text: str) -> tuple[Column, ...]:
    """The columns of one edition."""
    return tuple(_column(line) for line in text.strip().splitlines())


FIRST = """
3|年末户籍人口|population_registered||10000 person|registered W
4|年末户籍人口|population_urban_districts||10000 person|registered D
5|年平均人口|population_average||10000 person|registered W ?
7|年末总户数|households||10000 household|W
8|年末总户数|households||10000 household|D
9|出生人口|births||person|W
11|死亡人口|deaths||person|W
13|自然增长率|natural_growth_rate||‰?|W
15|行政区域土地面积|land_area||km2|W
17|建成区面积|built_up_area||km2|D
18|水资源总量|water_resources||10000 m3|W
19|城市建设用地面积|construction_land_area||km2|D
20|居住用地面积|residential_land_area||km2|D
21|城市建设用地占市区面积比重|construction_land_share||%|D
22|绿地面积|green_area||ha|D
23|公园绿地面积|park_green_area||ha|D
24|建成区绿化覆盖率|green_cover_built_up||%|D
25|工业废水排放量|industrial_wastewater||10000 t|W
26|工业二氧化硫排放量|sulphur_dioxide_emissions||t|W
27|工业氮氧化物排放量|nitrogen_oxide_emissions||t|W
28|工业烟(粉)尘排放量|industrial_dust_emissions||t|W
29|一般工业固体废物综合利用率|industrial_solid_waste_use_rate||%|W
30|可吸入细颗粒物年平均浓度|pm25||ug/m3|W
31|污水处理厂集中处理率|sewage_treatment_rate||%|W
32|生活垃圾无害化处理率|waste_harmless_treatment_rate||%|W
33|地区生产总值|gdp||10000 CNY|W
34|地区生产总值|gdp||10000 CNY|D
35|人均地区生产总值|gdp_per_head||CNY/person|W
36|人均地区生产总值|gdp_per_head||CNY/person|D
37|地区生产总值增长率|gdp_growth_real||%|W
39|第一产业占GDP的比重|primary_share||%|W
42|第二产业占GDP的比重|secondary_share||%|D
43|第三产业占GDP的比重|tertiary_share||%|W
45|地方一般公共预算收入|general_budget_revenue||10000 CNY|G W
46|地方一般公共预算支出|general_budget_expenditure||10000 CNY|G W
47|科学技术支出|science_expenditure||10000 CNY|W
48|教育支出|education_expenditure||10000 CNY|W
49|地方一般公共预算收入|general_budget_revenue||10000 CNY|G D
52|教育支出|education_expenditure||10000 CNY|D
53|各项存款余额|deposits||10000 CNY|W
55|住户存款余额|household_deposits||10000 CNY|W
57|各项贷款余额|loans||10000 CNY|W
59|房地产开发投资完成额|real_estate_investment||10000 CNY|W
61|住宅|residential_investment||10000 CNY|W
63|商品房销售面积|floor_space_sold||10000 m2|W
65|住宅|residential_floor_space_sold||10000 m2|W
67|待售面积|floor_space_unsold||10000 m2|W
69|货物进口额|imports||10000 CNY|W
70|货物出口额|exports||10000 CNY|D
71|外商直接投资合同项目|foreign_investment_contracts||count|W
73|当年实际使用外资金额|foreign_direct_investment||10000 USD|W
75|工业企业数|industrial_firms||count|S W
77|内资企业|industrial_firms|ownership=domestic|count|S W
79|港、澳、台商投资企业|industrial_firms|ownership=hong-kong-macao-taiwan|count|S W
81|外商投资企业|industrial_firms|ownership=foreign|count|S W
83|流动资产合计|industrial_current_assets||10000 CNY|S W
85|固定资产合计|industrial_fixed_assets||10000 CNY|S W
87|主营业务税金及附加|industrial_sales_taxes||10000 CNY|S W
89|本年应交增值税|industrial_value_added_tax||10000 CNY|S W
91|利润总额|industrial_profit||10000 CNY|S W
93|社会消费品零售总额|retail_sales||10000 CNY|W
95|限额以上批发零售商贸企业数|trade_firms||count|W
97|限额以上批发零售业商品销售总额|trade_sales||10000 CNY|W
99|R&D人员|rd_personnel||person|W
100|R&D内部经费支出|rd_expenditure||10000 CNY|W
101|专利申请数|patent_applications||count|W
102|专利授权数|patents_granted||count|W
103|发明|invention_patents_granted||count|W
104|城镇单位从业人员期末人数|employment_urban_units||person|U W
106|城镇私营和个体从业人员|employment_urban_private||person|urban-private W
108|城镇登记失业人员数|registered_unemployed||person|registered-unemployment W
110|第一产业|employment_primary||person|U W
112|第二产业|employment_secondary||person|U W
114|第三产业|employment_tertiary||person|U W
118|第二产业从业人员比重|employment_secondary_share||%|U W
122|第一产业|employment_by_sector|sector=agriculture|person|U W
124|采矿业|employment_by_sector|sector=mining|person|U W
126|制造业|employment_by_sector|sector=manufacturing|person|U W
128|生产和供应业|employment_by_sector|sector=utilities|person|U W
130|建筑业|employment_by_sector|sector=construction|person|U W
132|批发和零售业|employment_by_sector|sector=trade|person|U W
134|仓储和邮政业|employment_by_sector|sector=transport|person|U W
136|住宿和餐饮业|employment_by_sector|sector=hotels|person|U W
138|信息传输|employment_by_sector|sector=information|person|U W
141|金融业|employment_by_sector|sector=finance|person|U D
142|房地产业|employment_by_sector|sector=real-estate|person|U W
144|租赁和商务服务业|employment_by_sector|sector=business|person|U W
146|科学研究|employment_by_sector|sector=science|person|U W
148|水利、环境和|employment_by_sector|sector=environment|person|U W
150|居民服务|employment_by_sector|sector=residential|person|U W
152|教育|employment_by_sector|sector=education|person|U W
154|卫生和社会工作|employment_by_sector|sector=health|person|U W
156|文化、体育|employment_by_sector|sector=culture|person|U W
158|公共管理|employment_by_sector|sector=public|person|U W
160|在岗职工平均人数|staff_on_post||10000 person|P W
162|在岗职工工资总额|wage_bill||10000 CNY|P W
164|职工平均工资|average_wage_urban_units||CNY/person|P W
166|普通高等学校|schools|level=higher|count|W
172|普通小学|schools|level=primary|count|D
176|普通中学|teachers|level=secondary|person|W
180|普通本专科|students|level=higher|person|W
183|普通中学|students|level=secondary|10000 person?|W
187|公共图书馆图书藏量|library_books||10000 count|W
195|医院床位数|hospital_beds||count|W
197|执业(助理)医师数|doctors||person|W
199|保险参保人数|pension_insured||person|W
206|年末实有城市道路面积|road_area||10000 m2|D
211|公路客运量|passenger_traffic|transport=road|10000 person|W
216|民用航空货邮运量|freight_traffic|transport=air|t|W
219|移动电话年末用户数|mobile_users||10000 count|W
221|售水量|water_sold||10000 t|D
223|全社会用电量|electricity_use||10000 kWh|W
224|工业用电|electricity_use_industry||10000 kWh|W
"""
SECOND = """
3|常住人口|population_resident||10000 person|resident W
4|常住人口|population_urban_districts||10000 person|resident D
5|城镇常住人口|population_urban||10000 person?|resident urban-residents W
7|建成区面积|built_up_area||km2|D
8|水资源总量|water_resources||10000 m3|W
9|城市建设用地面积|construction_land_area||km2|D
10|居住用地面积|residential_land_area||km2|D
11|绿地面积|green_area||ha|D
12|公园绿地面积|park_green_area||ha|D
13|建成区绿化覆盖率|green_cover_built_up||%|D
14|工业颗粒物排放量|industrial_dust_emissions||t|W
15|工业二氧化硫排放量|sulphur_dioxide_emissions||t|W
16|工业氮氧化物排放量|nitrogen_oxide_emissions||t|W
17|细颗粒物年平均浓度|pm25||ug/m3|W
18|污水处理厂集中处理率|sewage_treatment_rate||%|W
19|生活垃圾无害化处理率|waste_harmless_treatment_rate||%|W
20|地区生产总值|gdp||100000000 CNY|W
21|地区生产总值|gdp||100000000 CNY|D
22|人均地区生产总值|gdp_per_head||CNY/person|W
24|地区生产总值增长率|gdp_growth_real||%|W
26|第一产业占地区|primary_share||%|W
29|第二产业占地区|secondary_share||%|D
30|第三产业占地区|tertiary_share||%|W
32|地方一般公共预算收入|general_budget_revenue||10000 CNY|G W
33|地方一般公共预算支出|general_budget_expenditure||10000 CNY|G W
34|科学技术支出|science_expenditure||10000 CNY|W
35|教育支出|education_expenditure||10000 CNY|W
36|地方一般公共预算收入|general_budget_revenue||10000 CNY|G D
39|教育支出|education_expenditure||10000 CNY|D
40|各项存款余额|deposits||10000 CNY|W
42|各项贷款余额|loans||10000 CNY|W
44|商品房销售面积|floor_space_sold||10000 m2|W
46|住宅|residential_floor_space_sold||10000 m2|W
48|待售面积|floor_space_unsold||10000 m2|W
50|货物进口额|imports||10000 CNY|W
51|货物出口额|exports||10000 CNY|W
52|工业企业数|industrial_firms||count|S W
54|内资企业|industrial_firms|ownership=domestic|count|S W
58|外商投资企业|industrial_firms|ownership=foreign|count|S W
60|流动资产合计|industrial_current_assets||10000 CNY|S W
62|利润总额|industrial_profit||10000 CNY|S W
64|社会消费品零售总额|retail_sales||10000 CNY|W
66|限额以上批发零售商贸|trade_firms||count|W
68|限额以上批发零售业|trade_sales||10000 CNY|W
70|专利授权数|patents_granted||count|W
71|发明|invention_patents_granted||count|W
72|城镇非私营单位从业人员期末人数|employment_urban_units||person|U W
73|城镇非私营单位在岗职工平均人数|staff_on_post||10000 person|P W
74|城镇非私营单位在岗职工工资总额|wage_bill||10000 CNY|P W
75|城镇非私营单位在岗职工平均工资|average_wage_urban_units||CNY/person|P W
76|普通高等学校|schools|level=higher|count|W
78|中等职业教育学校|schools|level=vocational|count|D
79|普通中学|schools|level=secondary|count|W
81|普通小学|schools|level=primary|count|W
83|普通高等学校|teachers|level=higher|person|W
86|普通中学|teachers|level=secondary|person|W
90|普通本专科|students|level=higher|person|W
93|普通中学|students|level=secondary|10000 person|W
95|普通小学|students|level=primary|10000 person|W
97|公共图书馆图书藏量|library_books||10000 count|W
99|博物馆数|museums||count|W
101|医院数|hospitals||count|W
103|医院床位数|hospital_beds||count|W
106|执业(助理)医师数|doctors||person|D
107|养老|pension_insured||person|W
109|职工基本医疗保险参保人数|medical_insured||person|W
111|失业保险参保人数|unemployment_insured||person|W
113|年末实有城市道路面积|road_area||10000 m2|D
114|排水管道长度|sewer_length||km|D
115|境内公路总里程|road_length||km|W
116|高速公路里程|expressway_length||km|W
117|营运车辆数|buses||count|D
118|客运总量|bus_passengers||10000 count|D
119|出租汽车营运车数|taxis||count|D
120|公路客运量|passenger_traffic|transport=road|10000 person|W
121|公路货运量|freight_traffic|transport=road|10000 t|W
122|供气总量|gas_supply||10000 m3|D
123|居民家庭用量|gas_supply_households||10000 m3|D
124|供气总量|liquefied_gas_supply||t|D
"""
THIRD = """
3|户籍人口|population_registered||10000 person|registered W
4|户籍人口|population_urban_districts||10000 person|registered D
5|城镇户籍人口|population_urban||10000 person?|registered urban-residents W
7|建成区面积|built_up_area||km2|D
8|水资源总量|water_resources||100000000 m3|W
9|城市建设用地面积|construction_land_area||km2|D
11|绿地面积|green_area||ha|D
12|公园绿地面积|park_green_area||ha|D
13|建成区绿化覆盖率|green_cover_built_up||%|D
14|工业颗粒物排放量|industrial_dust_emissions||t|W
15|工业二氧化硫排放量|sulphur_dioxide_emissions||t|W
16|工业氮氧化物排放量|nitrogen_oxide_emissions||t|W
17|细颗粒物年平均浓度|pm25||ug/m3|W
18|污水处理厂集中处理率|sewage_treatment_rate||%|W
19|生活垃圾无害化处理率|waste_harmless_treatment_rate||%|W
20|地区生产总值|gdp||100000000 CNY|W
21|地区生产总值|gdp||100000000 CNY|D
22|人均地区生产总值|gdp_per_head||CNY/person|W
23|人均地区生产总值|gdp_per_head||CNY/person|D
24|地区生产总值增长率|gdp_growth_real||%|W
26|第一产业占地区|primary_share||%|W
28|第二产业占地区|secondary_share||%|W
31|第三产业占地区|tertiary_share||%|D
32|地方一般公共预算收入|general_budget_revenue||10000 CNY|G W
33|地方一般公共预算支出|general_budget_expenditure||10000 CNY|G W
34|科学技术支出|science_expenditure||10000 CNY|W
35|教育支出|education_expenditure||10000 CNY|W
37|地方一般公共预算支出|general_budget_expenditure||10000 CNY|G D
38|科学技术支出|science_expenditure||10000 CNY|D
40|各项存款余额|deposits||10000 CNY|W
43|各项贷款余额|loans||10000 CNY|D
44|商品房销售面积|floor_space_sold||10000 m2|W
47|住宅|residential_floor_space_sold||10000 m2|D
48|待售面积|floor_space_unsold||10000 m2|W
50|货物进口额|imports||10000 CNY|W
51|货物出口额|exports||10000 CNY|W
52|工业企业数|industrial_firms||count|S W
56|港、澳、台商投资企业|industrial_firms|ownership=hong-kong-macao-taiwan|count|S W
60|流动资产合计|industrial_current_assets||10000 CNY|S W
62|利润总额|industrial_profit||10000 CNY|S W
64|社会消费品零售总额|retail_sales||10000 CNY|W
66|限额以上批发零售商贸|trade_firms||count|W
68|限额以上批发零售业|trade_sales||10000 CNY|W
70|专利授权数|patents_granted||count|W
71|发明|invention_patents_granted||count|W
72|城镇非私营单位从业人员期末人数|employment_urban_units||person|U W
73|城镇非私营单位在岗职工平均人数|staff_on_post||10000 person|P W
74|城镇非私营单位在岗职工工资总额|wage_bill||10000 CNY|P W
75|普通、职业高等学校|schools|level=higher|count|W
76|中等职业教育学校|schools|level=vocational|count|W
78|普通中学|schools|level=secondary|count|W
82|普通、职业高等学校|teachers|level=higher|person|W
85|普通中学|teachers|level=secondary|person|W
89|普通、职业本专科|students|level=higher|person|W
92|普通中学|students|level=secondary|10000 person|W
94|普通小学|students|level=primary|10000 person|W
96|公共图书馆图书藏量|library_books||10000 count|W
98|博物馆数|museums||count|W
100|医院数|hospitals||count|W
102|医院床位数|hospital_beds||count|W
104|执业(助理)医师数|doctors||person|W
106|城镇职工基本养老保险参保人数|pension_insured||person|W
108|职工基本医疗保险参保人数|medical_insured||person|W
110|失业保险参保人数|unemployment_insured||person|W
112|提供住宿的社会工作机构数|social_institutions||count|W
114|养老机构数|elderly_care_institutions||count|W
116|提供住宿的社会工作机构床位数|social_institution_beds||count|W
119|养老机构床位数|elderly_care_beds||count|D
120|年末实有城市道路面积|road_area||10000 m2|D
121|排水管道长度|sewer_length||km|D
122|境内公路总里程|road_length||km|W
124|营运车辆数|buses||count|D
127|公路客运量|passenger_traffic|transport=road|10000 person|W
128|公路货运量|freight_traffic|transport=road|10000 t|W
129|邮政业务收入|postal_revenue||10000 CNY|W
131|移动电话年末用户数|mobile_users||10000 count|W
132|天然气供气总量|gas_supply||10000 m3|D
134|供气总量|liquefied_gas_supply||t|D
"""
# The editions by the year that their own title names.
EDITIONS = {2018: columns(FIRST), 2020: columns(SECOND), 2022: columns(THIRD)}
